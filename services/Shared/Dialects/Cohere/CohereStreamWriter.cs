using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Cohere;

/// <summary>
/// Writes a stream of events. Contents and calls are numbered each for themselves; a tool plan has no number. Only the first choice is written.
/// </summary>
internal sealed class CohereStreamWriter(AnswerContext context) : IChatStreamWriter
{
    private readonly Dictionary<int, Part> _parts = [];
    private readonly PartSequencer _sequencer = new();
    private int _contents;
    private int _calls;
    private int _citations;
    private bool _started;
    private bool _closed;
    private ChatEvent? _finish;
    private TokenCounts? _usage;

    /// <inheritdoc/>
    public string ContentType => "text/event-stream";

    /// <inheritdoc/>
    public void Write(in ChatEvent e, IBufferWriter<byte> output)
    {
        if (_closed || e.Choice != 0)
        {
            return;
        }

        switch (e.Kind)
        {
            case ChatEventKind.Start:
                Start(e.Id, output);
                break;
            case ChatEventKind.PartStart or ChatEventKind.Delta or ChatEventKind.PartEnd:
                // Clients keep one open call only.
                _sequencer.Add(e, next => WritePart(next, output));
                break;
            case ChatEventKind.Usage:
                _usage = e.Usage;
                break;
            case ChatEventKind.Finish:
                _finish = e;
                break;
            case ChatEventKind.Error when e.Error is { } error:
                WriteError(error, output);
                break;
            case ChatEventKind.End:
                WriteLast(CohereFinish.Write(_finish?.Finish ?? FinishReason.Other, _finish?.FinishDetail), null, output);
                break;
        }
    }

    /// <inheritdoc/>
    public void WriteError(ChatError error, IBufferWriter<byte> output)
    {
        if (!_closed)
        {
            Start(null, output);
            WriteLast("ERROR", error.Message, output);
        }
    }

    private void WritePart(in ChatEvent e, IBufferWriter<byte> output)
    {
        switch (e.Kind)
        {
            case ChatEventKind.PartStart:
                Begin(e, output);
                break;
            case ChatEventKind.Delta:
                WriteDelta(e, output);
                break;
            default:
                WriteEnd(e, output);
                break;
        }
    }

    private void Start(string? id, IBufferWriter<byte> output)
    {
        if (_started)
        {
            return;
        }

        _started = true;
        Frame("message-start", (Id: id is { Length: > 0 } ? id : context.Id, 0), static (writer, s) =>
        {
            writer.WriteString("id", s.Id);
            writer.WriteStartObject("delta");
            writer.WriteStartObject("message");
            writer.WriteString("role", "assistant");
            foreach (var name in (ReadOnlySpan<string>)["content", "tool_calls", "citations"])
            {
                writer.WriteStartArray(name);
                writer.WriteEndArray();
            }

            writer.WriteString("tool_plan", "");
            writer.WriteEndObject();
            writer.WriteEndObject();
        }, output);
    }

    private void Begin(in ChatEvent e, IBufferWriter<byte> output)
    {
        var part = _parts[e.Part] = new Part(e);
        switch (e.PartKind)
        {
            case PartKind.Text or PartKind.Refusal:
                BeginContent(part, "text", output);
                break;
            case PartKind.ToolCall:
                part.Index = _calls++;
                Message("tool-call-start", part.Index, part.Start, static (writer, start) =>
                {
                    writer.WriteStartObject("tool_calls");
                    writer.WriteString("id", start.Id);
                    writer.WriteString("type", "function");
                    writer.WriteStartObject("function");
                    writer.WriteString("name", start.Name);
                    writer.WriteString("arguments", "");
                    writer.WriteEndObject();
                    writer.WriteEndObject();
                }, output);
                break;
        }
    }

    private void BeginContent(Part part, string type, IBufferWriter<byte> output)
    {
        part.Index = _contents++;
        Message("content-start", part.Index, type, static (writer, kind) =>
        {
            writer.WriteStartObject("content");
            writer.WriteString("type", kind);
            writer.WriteString(kind, "");
            writer.WriteEndObject();
        }, output);
    }

    private void WriteDelta(in ChatEvent e, IBufferWriter<byte> output)
    {
        if (!_parts.TryGetValue(e.Part, out var part))
        {
            return;
        }

        if (e.Citation is { } citation)
        {
            part.Citations.Add(citation);
        }

        var text = e.Text;
        switch (e.PartKind)
        {
            case PartKind.Text or PartKind.Refusal when text is { Length: > 0 }:
                part.Text.Append(text);
                Content(part.Index, "text", text, output);
                break;
            case PartKind.Audio when e.Transcript is { Length: > 0 } said:
                // Sound has no place here; what is said in it has.
                if (part.Text.Length == 0)
                {
                    BeginContent(part, "text", output);
                }

                part.Text.Append(said);
                Content(part.Index, "text", said, output);
                break;
            case PartKind.Reasoning when text is { Length: > 0 }:
                if (part.Text.Length == 0)
                {
                    part.IsPlan = CohereReasoning.IsPlan(e.Signature);
                    if (!part.IsPlan)
                    {
                        BeginContent(part, "thinking", output);
                    }
                }

                part.Text.Append(text);
                if (part.IsPlan)
                {
                    Message("tool-plan-delta", -1, text, static (writer, plan) => writer.WriteString("tool_plan", plan), output);
                }
                else
                {
                    Content(part.Index, "thinking", text, output);
                }

                break;
            case PartKind.ToolCall when part.Start.Flag:
                // Free text goes into a JSON object, which needs it whole.
                part.Text.Append(text);
                break;
            case PartKind.ToolCall when text is { Length: > 0 }:
                part.Text.Append(text);
                Arguments(part.Index, text, output);
                break;
        }
    }

    private void WriteEnd(in ChatEvent e, IBufferWriter<byte> output)
    {
        if (!_parts.Remove(e.Part, out var part))
        {
            return;
        }

        switch (e.PartKind)
        {
            case PartKind.Text or PartKind.Refusal:
                WriteCitations(part, output);
                Frame("content-end", part.Index, static (writer, index) => writer.WriteNumber("index", index), output);
                break;
            case PartKind.Reasoning or PartKind.Audio when part is { IsPlan: false, Text.Length: > 0 }:
                Frame("content-end", part.Index, static (writer, index) => writer.WriteNumber("index", index), output);
                break;
            case PartKind.ToolCall:
                if (part.Start.Flag || part.Text.Length == 0)
                {
                    Arguments(part.Index, JsonElements.Build((Text: part.Text.ToString(), part.Start.Flag), static (writer, s) =>
                    {
                        writer.WriteStartObject();
                        if (s.Flag)
                        {
                            writer.WriteString("input", s.Text);
                        }

                        writer.WriteEndObject();
                    }).GetRawText(), output);
                }

                Frame("tool-call-end", part.Index, static (writer, index) => writer.WriteNumber("index", index), output);
                break;
        }
    }

    private void WriteCitations(Part part, IBufferWriter<byte> output)
    {
        foreach (var statement in CohereCitations.Statements(part.Citations))
        {
            Message("citation-start", _citations, (statement, Text: part.Text.ToString(), part.Index), static (writer, s) =>
            {
                writer.WritePropertyName("citations");
                CohereCitations.WriteStatement(writer, s.statement, s.Text, s.Index);
            }, output);
            Frame("citation-end", _citations++, static (writer, index) => writer.WriteNumber("index", index), output);
        }
    }

    private void WriteLast(string reason, string? error, IBufferWriter<byte> output)
    {
        _closed = true;
        Frame("message-end", (reason, error, _usage), static (writer, s) =>
        {
            writer.WriteStartObject("delta");
            writer.WriteOptional("error", s.error);
            writer.WriteString("finish_reason", s.reason);
            if (s._usage is { } usage)
            {
                CohereUsage.Write(writer, usage);
            }

            writer.WriteEndObject();
        }, output);
    }

    private static void Content(int index, string type, string text, IBufferWriter<byte> output) =>
        Message("content-delta", index, (type, text), static (writer, s) =>
        {
            writer.WriteStartObject("content");
            writer.WriteString(s.type, s.text);
            writer.WriteEndObject();
        }, output);

    private static void Arguments(int index, string arguments, IBufferWriter<byte> output) =>
        Message("tool-call-delta", index, arguments, static (writer, text) =>
        {
            writer.WriteStartObject("tool_calls");
            writer.WriteStartObject("function");
            writer.WriteString("arguments", text);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }, output);

    private static void Message<TState>(string type, int index, TState state, Action<Utf8JsonWriter, TState> write, IBufferWriter<byte> output) =>
        Frame(type, (index, state, write), static (writer, s) =>
        {
            if (s.index >= 0)
            {
                writer.WriteNumber("index", s.index);
            }

            writer.WriteStartObject("delta");
            writer.WriteStartObject("message");
            s.write(writer, s.state);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }, output);

    private static void Frame<TState>(string type, TState state, Action<Utf8JsonWriter, TState> write, IBufferWriter<byte> output)
    {
        output.Write("event: "u8);
        Encoding.UTF8.GetBytes(type, output);
        output.Write("\ndata: "u8);
        using (var writer = JsonOutput.Create(output))
        {
            writer.WriteStartObject();
            writer.WriteString("type", type);
            write(writer, state);
            writer.WriteEndObject();
        }

        output.Write("\n\n"u8);
    }

    private sealed class Part(ChatEvent start)
    {
        public ChatEvent Start { get; } = start;

        public StringBuilder Text { get; } = new();

        public List<Citation> Citations { get; } = [];

        public int Index { get; set; }

        public bool IsPlan { get; set; }
    }
}
