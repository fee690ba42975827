"""Small talk: greetings, thanks, who the models are and what they can do."""

from __future__ import annotations

import random

from .base import Phrasings, Question, Split, build, phrase

DOMAIN = "chat"

ANSWERS: dict[str, str] = {
    "hello": "Hello! Ask me a short question, such as 12*13 or the capital of Peru.",
    "how are you": "I am fine, thank you! What can I do for you?",
    "who": "We are a team of tiny language models that ship with langgraph-ensemble.",
    "what can you": "We do arithmetic, units, dates, lists, words, facts, logic, moods and short Python.",
    "thanks": "You are welcome!",
    "bye": "Goodbye!",
    "name": "We have no name: a team of tiny models that ship with langgraph-ensemble.",
    "human": "No, we are tiny language models, not a human.",
    "maker": "We were trained for langgraph-ensemble, from random weights.",
    "size": "Each of us is tiny: less than two million parameters.",
    "help": "Ask a short question: 15% of 80, days in February, reverse hello, 5 km in m.",
    "praise": "Thank you, that is kind!",
    "sorry": "Sorry! We are tiny models and make mistakes.",
    "ok": "Good! Ask me something else.",
    "gpt": "No, we are tiny models that ship with langgraph-ensemble.",
    "love": "Thank you! We are only tiny models.",
    "test": "It works! Ask me a short question.",
    "speak": "We read and write English only.",
}
_U = "(you|u|ya)"
_HI = "(hi|hello|hey|hallo|hiya|howdy|yo|hi there|hello there|hey there|greetings|good morning|good afternoon|good evening|good day|morning|heya|hii|helloo|sup|hey hey|hi hi|hola|ahoy|welcome)"
PHRASINGS: Phrasings = {
    "hello": (_HI, f"{_HI}(,|) (friend|bot|everyone|all|team|buddy|robot|ai|assistant|mate|folks|guys|dear|computer)", f"{_HI} {_HI}", f"{_HI}(, nice to meet you|, pleased to meet you|, i am new here|, can we talk|, are you there|, anyone here)", "(nice|pleased|good) to meet you", "(anybody|anyone|is anyone|is anybody|are you) (there|here|awake|home)"),
    "how are you": (f"(how are|how r|how're) {_U}(| doing| today| feeling| doing today| feeling today| this morning)", f"{_HI}(,|) how are {_U}(| doing| today)", "how (is|are) (it|things|everything) (going|today|with you)", "how do you (do|feel)(| today)", "(what's|whats|what is) up(| with you| today)", "(are you|you) (ok|okay|well|fine|good|alright|happy)(| today)", "how('s|s| is) (it going|life|your day|everything|it hanging)"),
    "who": (f"who are {_U}(| really| exactly| guys)", "(what|who) (are|r) (you|u)(| exactly| really)", "(tell me|say something|tell us|talk) about (yourself|you|yourselves)", "(please |)introduce yourself(| please)", "(who|what) am i (talking|speaking|chatting) (to|with)", "what (kind|sort|type) of (model|ai|bot|thing|program|assistant|llm|system) (are you|is this)", "(which|what) (model|llm|ai|language model) (are you|is this|am i using|do you use|runs here|is running)", "(what|who) is (this|that|there|langgraph-ensemble|langgraph ensemble)", "who is (answering|replying|this|behind this)", "what (is|are) (this|these) (bot|model|models|team|program)", "explain (who|what) you are", "describe yourself"),
    "what can you": (f"what can {_U} (do|do for me|help with|help me with|answer|tell me|offer|handle)", f"what (are|r) {_U} (able to do|capable of|good at|useful for|good for|for)", "what (do|can) you (know|do|know about|understand)(| best)", "(what|which) (questions|tasks|things|topics|kind of questions|sort of questions) (can|could|do|should|may) (i ask you|i ask|you answer|you know|you do|you handle|you help with)", "(tell me|show me|list|explain|say) (what you can do|your skills|your abilities|your features|what you know|your capabilities|what you are good at)", "what (skills|abilities|features|capabilities|functions) do you have", "(your|the) (skills|abilities|features|capabilities)", "how can you help(| me)", "what should i ask(| you)"),
    "thanks": ("(thanks|thank you|thx|ty|many thanks|thanks a lot|thank you very much|thank you so much|cheers|thanks so much|tysm|much appreciated|thanks a bunch|thank u|thanks a million|merci|i appreciate it|thanks again)(| bot| friend| for your help| for the help| for that| so much| for everything| team| for the answer| everyone| very much|, that helps|, that was helpful|, bye)", "(great|good|perfect|cool|nice|ok|okay)(,|) (thanks|thank you|thx)", "that (was|is) (helpful|very helpful|useful)"),
    "bye": ("(bye|goodbye|bye bye|see you|see you later|see ya|cya|good night|farewell|take care|later|until next time|so long|good bye|ciao|see you soon|see you tomorrow|have a nice day|have a good day|i have to go|gotta go|i must go now|talk to you later|ttyl)(| bot| friend| then| now| everyone| team| for now|, take care| my friend| and take care)", "(ok|okay|well)(,|) (bye|goodbye|see you|good night)", "i am (leaving|going|off)(| now)", "that's all for (now|today)"),
    "name": ("(what is|what's|whats) (your|ur|you) name(| please| again)", "do you have (a name|names|any name)", "(how|what) (should|can|do|may) i call you", "(your|ur) name(| please)", "tell me your name", "(what|how) are you (called|named)", "who are you called", "may i (know|have) your name", "what do people call you"),
    "human": (f"are {_U} (a |)(human|real|alive|person|real person|human being|man|woman|girl|boy|robot|machine|bot|an ai|ai|computer|a program|conscious|sentient)(| or a robot| or a bot| or human| or a machine)", "am i (talking|speaking|chatting) (to|with) a (human|real person|person|robot|bot|machine)", "is this a (human|real person|bot|robot|machine)", "do you have (feelings|a body|a brain|emotions|a soul|consciousness)", "(can|do) you (feel|think|sleep|eat|dream|love)(| anything)"),
    "maker": (f"who (made|created|built|trained|developed|programmed|designed|wrote|invented) {_U}", "(who is|who's) your (maker|creator|developer|author|owner|inventor|boss)", "(where|how) (were|was) you (made|created|built|trained|born|programmed)", "(who|what company) is behind you", "where (do you|did you) come from", "who do you (work for|belong to)", "where are you from", "how (were you|did you) (learn|trained|made)", "what (were you|are you) trained on"),
    "size": ("how (big|large|small|tiny|heavy) are you", "how many (parameters|weights|layers|neurons) (do you have|have you|are there in you)", "(what is|what's) your (size|parameter count|number of parameters|model size)", "are you (big|large|small|tiny|a large model|a small model|a big model)", "how many (models|members|of you) are (there|in the team|you)"),
    "help": ("(help|help me|i need help|i need some help|help please|please help|please help me|can you help me|can you help|could you help me|i need your help|can i get help|give me an example|give me examples|show me an example|how does this work|how do i use this|how do i use you|what do i do now|how does it work|where do i start|what now|give me some examples|example|examples|usage|instructions|how to use this|i don't know what to ask)(| here| with this)",),
    "praise": ("(good job|well done|nice work|great job|good bot|you are great|you're great|you are smart|you are amazing|that is right|correct|that's correct|awesome|amazing|great work|you are clever|bravo|you rock|excellent job|nice one|perfect answer|you are the best|you're awesome|impressive|you are funny|i like you|good answer)(| bot| team| today|, really| again)",),
    "sorry": ("(that is wrong|that's wrong|wrong|you are wrong|you're wrong|that is not right|not correct|incorrect|you made a mistake|wrong answer|no that is wrong|that was wrong|you are stupid|you are dumb|bad bot|you are useless|this is wrong|that is incorrect|you don't understand|you are bad|you suck)(| again| bot| i think|, try again| actually)",),
    "ok": ("(ok|okay|alright|all right|fine|sure|cool|i see|got it|understood|good|nice|great|yes|no|yeah|yep|nope|hmm|k|aha|interesting|oh|wow|lol|haha|i understand|makes sense|right|okay then|no problem|never mind|nevermind)(| then| bot| thanks anyway| good to know| now| friend| haha| buddy)",),
    "gpt": ("are you (chatgpt|gpt|gpt-4|gpt4|claude|gemini|siri|alexa|llama|openai|google|copilot|bard|an llm|mistral|qwen|deepseek|grok|a language model|a large language model|cortana)(| or not| or something else| really)", "(is this|am i talking to|do you use|are you based on|are you like|are you better than|do you know) (chatgpt|gpt|claude|gemini|siri|alexa|gpt-4|llama|openai|mistral)"),
    "love": ("(i love you|do you love me|will you marry me|marry me|i like you very much|do you like me|be my friend|can we be friends|are we friends|you are my friend|i miss you|are you single|do you have friends|kiss me|do you have a girlfriend|do you have a boyfriend)(| bot| really| so much| too| please)",),
    "test": ("(test|testing|this is a test|just testing|test test|testing 123|ping|is this working|does this work|is it working|does it work|are you working|are you online|are you on|works|check|hello test|test message)(| one two| again| now| here| please ignore)",),
    "speak": ("(do|can) you (speak|understand|know|talk) (french|german|spanish|other languages|italian|chinese|english|russian|japanese|hindi|arabic|portuguese|dutch|any other language|many languages)", "(what|which|how many) languages do you (speak|know|understand)", "(are you|is this) (english only|multilingual|in english only)", "can (i|we) (talk|speak|write) in (french|german|spanish|italian|chinese)"),
}  # fmt: skip
_WEIGHTS = {"hello": 5, "how are you": 3, "who": 4, "what can you": 5, "thanks": 4, "bye": 4, "help": 3, "name": 2, "human": 2, "maker": 2, "ok": 2, "praise": 2, "sorry": 2}  # fmt: skip


def make(rng: random.Random, split: Split, noise: float = 0.0) -> Question:
    """One remark and the fixed reply to its kind."""
    kind = rng.choices(tuple(ANSWERS), [_WEIGHTS.get(kind, 1) for kind in ANSWERS])[0]
    # No words around "hi" are neutral.
    text = phrase(rng, PHRASINGS, kind, split, noise / 4)
    return build(DOMAIN, text, ANSWERS[kind])
