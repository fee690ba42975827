// A chat in a few lines around useStream, with the options and submit parameters of agent-chat-ui.
// Addressed as /?apiUrl=…&assistantId=…; the thread is added to the address, so that reload finds it.
import { useState } from "react";
import { createRoot } from "react-dom/client";
import { useStream } from "the-sdk/react";

const address = new URL(location.href);
const given = (name) => address.searchParams.get(name);
const HOW = { streamMode: ["values"], streamSubgraphs: true, streamResumable: true };

function text({ content }) {
  return typeof content === "string" ? content : content.map((block) => block.text ?? "").join("");
}

function Chat() {
  const [question, setQuestion] = useState("");
  const [threadId, setThreadId] = useState(given("threadId"));
  const [events, setEvents] = useState([]);
  const chat = useStream({
    apiUrl: given("apiUrl"),
    assistantId: given("assistantId"),
    threadId,
    messagesKey: "messages",
    fetchStateHistory: true,
    reconnectOnMount: true,
    onCustomEvent: (event) => setEvents((before) => [...before, event]),
    onThreadId: (id) => {
      setThreadId(id);
      address.searchParams.set("threadId", id);
      history.replaceState(null, "", address);
    },
  });

  function submit(event) {
    event.preventDefault();
    const asked = { id: crypto.randomUUID(), type: "human", content: [{ type: "text", text: question }] };
    chat.submit({ messages: [asked], context: undefined }, {
      ...HOW,
      optimisticValues: (before) => ({ ...before, messages: [...(before.messages ?? []), asked] }),
    });
    setQuestion("");
  }

  function again(message) {
    const checkpoint = chat.getMessagesMetadata(message)?.firstSeenState?.parent_checkpoint;
    chat.submit(undefined, { ...HOW, checkpoint });
  }

  return (
    <main data-loading={chat.isLoading} data-interrupted={Boolean(chat.interrupt)}>
      {chat.messages.map((message) => (
        <p key={message.id} className={message.type}>
          <span>{text(message)}</span>
          {message.type === "ai" && !chat.isLoading && <button onClick={() => again(message)}>Again</button>}
        </p>
      ))}
      {chat.error ? <p className="error">{String(chat.error.message ?? chat.error)}</p> : null}
      <form onSubmit={submit}>
        <input value={question} onChange={(event) => setQuestion(event.target.value)} />
        <button id="stop" type="button" onClick={() => chat.stop()}>Stop</button>
      </form>
      <ol hidden>{events.map((event, place) => <li key={place}>{event.type}</li>)}</ol>
    </main>
  );
}

createRoot(document.getElementById("root")).render(<Chat />);
