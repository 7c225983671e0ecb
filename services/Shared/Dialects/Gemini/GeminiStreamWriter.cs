using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Gemini;

/// <summary>
/// Writes a stream of partial answers: text as it comes, tool calls when their arguments are whole, finish reasons with the final usage in the last one. As
/// server-sent events, or as one JSON array whose elements they are.
/// </summary>
internal sealed class GeminiStreamWriter(AnswerContext context) : IChatStreamWriter
{
    private readonly SortedDictionary<int, Choice> _choices = [];
    private readonly JsonArrayWriter? _array = context.JsonArray ? new JsonArrayWriter() : null;
    private string? _id;
    private TokenCounts? _usage;
    private bool _closed;

    /// <inheritdoc/>
    public string ContentType => context.JsonArray ? "application/json" : "text/event-stream";

    /// <inheritdoc/>
    public void Write(in ChatEvent e, IBufferWriter<byte> output)
    {
        if (_closed)
        {
            return;
        }

        switch (e.Kind)
        {
            case ChatEventKind.Start:
                _id = e.Id;
                break;
            case ChatEventKind.PartStart:
                Get(e.Choice).Parts[e.Part] = new Part(e);
                if (e is { PartKind: PartKind.Opaque, Origin: DialectId.Gemini, Raw: { } raw })
                {
                    WriteChunk(e.Choice, raw, static (writer, part) => part.WriteTo(writer), output);
                }
                else if (e is { PartKind: PartKind.Image or PartKind.Audio, Url: { } url })
                {
                    WriteChunk(e.Choice, (e.PartKind, e.Name, url), static (writer, s) => GeminiAnswerWriter.WriteMedia(writer, KindOf(s.PartKind), s.Name, null, s.url), output);
                }

                break;
            case ChatEventKind.Delta:
                WriteDelta(e, output);
                break;
            case ChatEventKind.PartEnd:
                WriteEnd(e, output);
                break;
            case ChatEventKind.Usage:
                _usage = e.Usage;
                break;
            case ChatEventKind.Finish:
                Get(e.Choice).Finish = e;
                break;
            case ChatEventKind.Error when e.Error is { } error:
                WriteError(error, output);
                break;
            case ChatEventKind.End:
                WriteLast(output);
                break;
        }
    }

    /// <inheritdoc/>
    public void WriteError(ChatError error, IBufferWriter<byte> output)
    {
        if (_closed)
        {
            return;
        }

        Frame(error, static (writer, e) => GeminiErrors.Write(writer, e), output);
        Close(output);
    }

    private void WriteDelta(in ChatEvent e, IBufferWriter<byte> output)
    {
        var choice = Get(e.Choice);
        if (!choice.Parts.TryGetValue(e.Part, out var part))
        {
            choice.Parts[e.Part] = part = new Part(e);
        }

        if (e.Citation is { } citation)
        {
            part.Citations.Add(citation);
        }

        if (e.Raw is { } probabilities && e.PartKind is PartKind.Text or PartKind.Refusal)
        {
            choice.LogProbabilities = probabilities;
        }

        switch (e.PartKind)
        {
            case PartKind.ToolCall:
                part.Text.Append(e.Text);
                part.Signature = e.Signature ?? part.Signature;
                break;
            case PartKind.Image or PartKind.Audio:
                if (e.Text is { Length: > 0 } data)
                {
                    WriteChunk(e.Choice, (part.Start, data), static (writer, s) => GeminiAnswerWriter.WriteMedia(writer, KindOf(s.Start.PartKind), s.Start.Name, s.data, null), output);
                }

                if (e.Transcript is { Length: > 0 } transcript)
                {
                    WriteText(e.Choice, transcript, thought: false, null, output);
                }

                break;
            case PartKind.Text or PartKind.Refusal or PartKind.Reasoning:
                if (e.Text is { Length: > 0 } text)
                {
                    if (e.PartKind != PartKind.Reasoning)
                    {
                        part.Text.Append(text);
                    }

                    WriteText(e.Choice, text, e.PartKind == PartKind.Reasoning, null, output);
                }

                WriteSignatures(e, output);
                break;
        }
    }

    private void WriteEnd(in ChatEvent e, IBufferWriter<byte> output)
    {
        if (e.PartKind != PartKind.ToolCall)
        {
            WriteSignatures(e, output);
            return;
        }

        if (Get(e.Choice).Parts.Remove(e.Part, out var part))
        {
            part.Signature = e.Signature ?? part.Signature;
            WriteChunk(e.Choice, part, static (writer, p) => GeminiAnswerWriter.WriteCall(writer, p.Start.Id ?? "", p.Start.Name ?? "", p.Text.ToString(), p.Start.Flag, p.Signature), output);
        }
    }

    private void WriteSignatures(in ChatEvent e, IBufferWriter<byte> output)
    {
        if (e.Signature is { } signature)
        {
            WriteText(e.Choice, "", e.PartKind == PartKind.Reasoning, GeminiSignatures.Write(signature, encrypted: false), output);
        }

        if (e.Encrypted is { } encrypted)
        {
            WriteText(e.Choice, "", thought: encrypted.Origin != DialectId.Gemini, GeminiSignatures.Write(encrypted, encrypted: true), output);
        }
    }

    private void WriteText(int choice, string text, bool thought, string? signature, IBufferWriter<byte> output) =>
        WriteChunk(choice, (text, thought, signature), static (writer, s) => GeminiAnswerWriter.WriteText(writer, s.text, s.thought, s.signature), output);

    private void WriteChunk<TState>(int choice, TState state, Action<Utf8JsonWriter, TState> writePart, IBufferWriter<byte> output) =>
        Frame((Self: this, choice, state, writePart), static (writer, s) =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("candidates");
            writer.WriteStartObject();
            writer.WriteStartObject("content");
            writer.WriteStartArray("parts");
            s.writePart(writer, s.state);
            writer.WriteEndArray();
            writer.WriteString("role", "model");
            writer.WriteEndObject();
            writer.WriteNumber("index", s.choice);
            writer.WriteEndObject();
            writer.WriteEndArray();
            s.Self.WriteTail(writer);
            writer.WriteEndObject();
        }, output);

    private void WriteLast(IBufferWriter<byte> output)
    {
        Frame(this, static (writer, self) =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("candidates");
            foreach (var (index, choice) in self._choices)
            {
                WriteFinish(writer, index, choice);
            }

            writer.WriteEndArray();
            self.WriteTail(writer);
            writer.WriteEndObject();
        }, output);
        Close(output);
    }

    private static void WriteFinish(Utf8JsonWriter writer, int index, Choice choice)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("content");
        writer.WriteStartArray("parts");
        GeminiAnswerWriter.WriteText(writer, "", thought: false);
        writer.WriteEndArray();
        writer.WriteString("role", "model");
        writer.WriteEndObject();
        writer.WriteString("finishReason", GeminiFinish.Write(choice.Finish?.Finish ?? FinishReason.Other, choice.Finish?.FinishDetail));
        writer.WriteNumber("index", index);
        GeminiGrounding.Write(writer, [.. choice.Parts.Values.Where(static p => p.Text.Length > 0).Select(static p => (0, p.Text.ToString(), (IReadOnlyList<Citation>)p.Citations))], joined: true);
        if (choice.LogProbabilities is { } probabilities)
        {
            GeminiLogprobs.Write(writer, probabilities);
        }

        writer.WriteEndObject();
    }

    private void WriteTail(Utf8JsonWriter writer)
    {
        if (_usage is { } usage)
        {
            GeminiUsage.Write(writer, usage);
        }

        GeminiAnswerWriter.WriteIdentity(writer, _id, context);
    }

    private void Frame<TState>(TState state, Action<Utf8JsonWriter, TState> write, IBufferWriter<byte> output)
    {
        if (_array is null)
        {
            output.Write("data: "u8);
        }
        else
        {
            _array.Begin(output);
        }

        using (var writer = JsonOutput.Create(output))
        {
            write(writer, state);
        }

        if (_array is null)
        {
            output.Write("\r\n\r\n"u8);
        }
    }

    private void Close(IBufferWriter<byte> output)
    {
        _closed = true;
        _array?.End(output);
    }

    private Choice Get(int index)
    {
        if (!_choices.TryGetValue(index, out var choice))
        {
            _choices[index] = choice = new Choice();
        }

        return choice;
    }

    private static MediaKind KindOf(PartKind kind) => kind == PartKind.Audio ? MediaKind.Audio : MediaKind.Image;

    private sealed class Choice
    {
        public SortedDictionary<int, Part> Parts { get; } = [];

        public ChatEvent? Finish { get; set; }

        public JsonElement? LogProbabilities { get; set; }
    }

    private sealed class Part(ChatEvent start)
    {
        public ChatEvent Start { get; } = start;

        public StringBuilder Text { get; } = new();

        public List<Citation> Citations { get; } = [];

        public Signature? Signature { get; set; }
    }
}
