// OpenAI's client for Node and the AI SDK, through both protocols; prints one JSON object.
import { createOpenAI } from "@ai-sdk/openai";
import { generateText, stepCountIs, streamText, tool } from "ai";
import OpenAI from "openai";
import { z } from "zod";

const [baseURL, model] = process.argv.slice(2);
const prompt = "Say something.";
const weather = "What is the weather in Paris?";
const found = {};

const node = new OpenAI({ baseURL, apiKey: "none", maxRetries: 0 });
const messages = [{ role: "user", content: prompt }];
found.node_chat = (await node.chat.completions.create({ model, messages })).choices[0].message.content;
found.node_chat_stream = "";
for await (const chunk of await node.chat.completions.create({ model, messages, stream: true }))
  found.node_chat_stream += chunk.choices[0]?.delta.content ?? "";
found.node_responses = (await node.responses.create({ model, input: prompt })).output_text;
const stream = node.responses.stream({ model, input: prompt });
found.node_responses_stream = (await stream.finalResponse()).output_text;

const provider = createOpenAI({ baseURL, apiKey: "none" });
const tools = {
  get_weather: tool({
    description: "The weather in a city.",
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => `Rain in ${city}.`,
  }),
};
for (const [name, made] of [["chat", provider.chat(model)], ["responses", provider.responses(model)]]) {
  const whole = await generateText({ model: made, prompt });
  found[`ai_${name}`] = whole.text;
  found[`ai_${name}_usage`] = whole.usage.totalTokens;
  const streamed = streamText({ model: made, prompt });
  found[`ai_${name}_stream`] = await streamed.text;
  const stopWhen = stepCountIs(3);
  const called = await generateText({ model: made, prompt: weather, tools, stopWhen });
  found[`ai_${name}_tool`] = called.text;
  const live = streamText({ model: made, prompt: weather, tools, stopWhen });
  found[`ai_${name}_tool_stream`] = await live.text;
  try {
    await generateText({ model: made, prompt, maxRetries: 2, topP: 7 });
  } catch (error) {
    found[`ai_${name}_error`] = error.message;
  }
}
process.stdout.write(JSON.stringify(found));
