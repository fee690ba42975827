import react from "@vitejs/plugin-react";

const sdk = process.env.SDK || "@langchain/langgraph-sdk";

export default { plugins: [react()], resolve: { alias: { "the-sdk": sdk } } };
