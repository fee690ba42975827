// OpenAI's client for Node and the AI SDK, through both protocols; prints one JSON object.
import { createOpenAI } from "@ai-sdk/openai";
import { generateText, stepCountIs, streamText, tool } from "ai";
import OpenAI from "openai";
import { z } from "zod";

const [baseURL, model] = process.argv.slice(2);
const prompt = "Say something.";
const weather = "What is the weather in Paris?";
const get_weather = ({ city }) => `Rain in ${city}.`;
const found = {};

const node = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
const messages = [{ role: "user", content: prompt }];
const asked = { role: "user", content: weather };
const declared = {
  name: "get_weather",
  description: "The weather in a city.",
  parameters: { type: "object", properties: { city: { type: "string" } } },
};
const { chat, responses } = node;

found.node_chat = (await chat.completions.create({ model, messages })).choices[0].message.content;
found.node_chat_stream = "";
for await (const chunk of await chat.completions.create({ model, messages, stream: true }))
  found.node_chat_stream += chunk.choices[0]?.delta.content ?? "";
const functions = [
  { type: "function", function: { ...declared, function: get_weather, parse: JSON.parse } },
];
for (const [name, stream] of [["node_chat_tool", false], ["node_chat_tool_stream", true]]) {
  const runner = chat.completions.runTools({ model, messages: [asked], tools: functions, stream });
  found[name] = await runner.finalContent();
}

found.node_responses = (await responses.create({ model, input: prompt })).output_text;
const streamed = responses.stream({ model, input: prompt });
found.node_responses_stream = (await streamed.finalResponse()).output_text;
const tools = [{ type: "function", strict: false, ...declared }];
const answered = {
  node_responses_tool: (input) => responses.create({ model, input, tools }),
  node_responses_tool_stream: (input) => responses.stream({ model, input, tools }).finalResponse(),
};
for (const [name, ask] of Object.entries(answered)) {
  const { output } = await ask([asked]);
  const results = output
    .filter((item) => item.type === "function_call")
    .map(({ call_id, arguments: given }) => {
      return { type: "function_call_output", call_id, output: get_weather(JSON.parse(given)) };
    });
  found[name] = (await ask([asked, ...output, ...results])).output_text;
}

const provider = createOpenAI({ baseURL, apiKey: "none" });
const made = { chat: provider.chat(model), responses: provider.responses(model) };
const weatherTool = tool({
  description: declared.description,
  inputSchema: z.object({ city: z.string() }),
  execute: async (given) => get_weather(given),
});
for (const [name, model] of Object.entries(made)) {
  const whole = await generateText({ model, prompt });
  found[`ai_${name}`] = whole.text;
  found[`ai_${name}_usage`] = whole.usage.totalTokens;
  found[`ai_${name}_stream`] = await streamText({ model, prompt }).text;
  const call = { model, prompt: weather, tools: { get_weather: weatherTool } };
  found[`ai_${name}_tool`] = (await generateText({ ...call, stopWhen: stepCountIs(3) })).text;
  found[`ai_${name}_tool_stream`] = await streamText({ ...call, stopWhen: stepCountIs(3) }).text;
  try {
    await generateText({ model, prompt, maxRetries: 2, topP: 7 });
  } catch (error) {
    found[`ai_${name}_error`] = error.message;
  }
}
process.stdout.write(JSON.stringify(found));
