using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.OpenAI;

/// <summary>Writes the chunks of a streamed chat completion.</summary>
/// <param name="context">The answer's names.</param>
internal sealed class OpenAIStreamWriter(AnswerContext context) : IChatStreamWriter
{
    private readonly Dictionary<int, ChoiceState> _choices = [];
    private string _id = "chatcmpl-" + context.Id;
    private long _created = context.Created.ToUnixTimeSeconds();
    private string? _serviceTier;
    private TokenCounts? _usage;

    public string ContentType => "text/event-stream";

    public void Write(in ChatEvent e, IBufferWriter<byte> output)
    {
        switch (e.Kind)
        {
            case ChatEventKind.Start:
                _id = e.Id is { Length: > 0 } ? e.Id : _id;
                _created = e.Created ?? _created;
                _serviceTier = OpenAITiers.ForAnswer(e.ServiceTier);
                EnsureRole(0, output);
                break;
            case ChatEventKind.PartStart:
                StartPart(e, EnsureRole(e.Choice, output), output);
                break;
            case ChatEventKind.Delta:
                WriteDelta(e, EnsureRole(e.Choice, output), output);
                break;
            case ChatEventKind.PartEnd:
                EndPart(e, EnsureRole(e.Choice, output), output);
                break;
            case ChatEventKind.Finish:
                var finish = OpenAIFinish.Write(e.Finish, EnsureRole(e.Choice, output).HasRefusal);
                Chunk(e.Choice, output, finish, static (_, _) => { }, 0);
                break;
            case ChatEventKind.Usage:
                _usage = e.Usage;
                break;
            case ChatEventKind.Error when e.Error is not null:
                WriteError(e.Error, output);
                break;
            case ChatEventKind.End:
                WriteUsage(output);
                output.Write("data: [DONE]\n\n"u8);
                break;
        }
    }

    public void WriteError(ChatError error, IBufferWriter<byte> output)
    {
        output.Write("data: "u8);
        OpenAIErrors.Write(error, output);
        output.Write("\n\n"u8);
    }

    private ChoiceState EnsureRole(int choice, IBufferWriter<byte> output)
    {
        if (!_choices.TryGetValue(choice, out var state))
        {
            _choices[choice] = state = new ChoiceState();
            Chunk(choice, output, null, static (writer, _) =>
            {
                writer.WriteString("role"u8, "assistant"u8);
                writer.WriteString("content"u8, ""u8);
                writer.WriteNull("refusal"u8);
            }, 0);
        }

        return state;
    }

    private void StartPart(in ChatEvent e, ChoiceState state, IBufferWriter<byte> output)
    {
        var part = new PartState { Start = e, Position = e.PartKind switch
        {
            PartKind.ToolCall => state.ToolCalls++,
            PartKind.Reasoning => state.Reasonings++,
            _ => state.TextLength,
        } };
        state.Parts[e.Part] = part;
        state.HasRefusal |= e.PartKind == PartKind.Refusal;
        if (e.PartKind == PartKind.ToolCall)
        {
            Chunk(e.Choice, output, null, static (writer, part) =>
            {
                writer.WriteStartArray("tool_calls"u8);
                writer.WriteStartObject();
                writer.WriteNumber("index"u8, part.Position);
                writer.WriteString("id"u8, part.Start.Id);
                var custom = part.Start.Flag;
                writer.WriteString("type"u8, custom ? "custom"u8 : "function"u8);
                writer.WriteStartObject(custom ? "custom"u8 : "function"u8);
                writer.WriteString("name"u8, part.Start.Name);
                writer.WriteString(custom ? "input"u8 : "arguments"u8, ""u8);
                writer.WriteEndObject();
                writer.WriteEndObject();
                writer.WriteEndArray();
            }, part);
        }
        else if (e.PartKind == PartKind.Audio && e.Id is not null)
        {
            Chunk(e.Choice, output, null, static (writer, id) =>
            {
                writer.WriteStartObject("audio"u8);
                writer.WriteString("id"u8, id);
                writer.WriteEndObject();
            }, e.Id);
        }
        else if (e.PartKind == PartKind.Image && e.Url is not null)
        {
            Image(e.Choice, e.Url, output);
        }
    }

    private void WriteDelta(in ChatEvent e, ChoiceState state, IBufferWriter<byte> output)
    {
        if (!state.Parts.TryGetValue(e.Part, out var part))
        {
            return;
        }

        part.Signature = e.Signature ?? part.Signature;
        part.Encrypted = e.Encrypted ?? part.Encrypted;
        switch (e.PartKind)
        {
            case PartKind.Text:
                state.TextLength += e.Text?.Length ?? 0;
                WriteText(e, "content", part, state, output);
                break;
            case PartKind.Refusal:
                WriteText(e, "refusal", part, state, output);
                break;
            case PartKind.Reasoning when e.Text is { Length: > 0 }:
                part.Text.Append(e.Text);
                Chunk(e.Choice, output, null, static (writer, text) => writer.WriteString("reasoning_content"u8, text), e.Text);
                break;
            case PartKind.ToolCall when e.Text is { Length: > 0 }:
                part.HasArguments = true;
                ToolArguments(e.Choice, part, e.Text, output);
                break;
            case PartKind.Audio:
                Chunk(e.Choice, output, null, static (writer, delta) =>
                {
                    writer.WriteStartObject("audio"u8);
                    writer.WriteOptional("data", delta.Text);
                    writer.WriteOptional("transcript", delta.Transcript);
                    writer.WriteEndObject();
                }, e);
                break;
            case PartKind.Image:
                part.Text.Append(e.Text);
                break;
        }
    }

    private void WriteText(in ChatEvent e, string member, PartState part, ChoiceState state, IBufferWriter<byte> output)
    {
        if (e.Text is { Length: > 0 } || e.Raw is not null)
        {
            Chunk(e.Choice, output, null, static (writer, delta) => writer.WriteString(delta.Member, delta.Text), (Member: member, Text: e.Text ?? ""), e.Raw);
        }

        if (e.Citation is { } citation && OpenAICitations.CanWrite(citation))
        {
            Chunk(e.Choice, output, null, static (writer, delta) =>
            {
                writer.WriteStartArray("annotations"u8);
                OpenAICitations.Write(writer, delta.Citation, delta.Start, delta.End);
                writer.WriteEndArray();
            }, (Citation: citation, Start: part.Position, End: state.TextLength));
        }
    }

    private void EndPart(in ChatEvent e, ChoiceState state, IBufferWriter<byte> output)
    {
        if (!state.Parts.Remove(e.Part, out var part))
        {
            return;
        }

        part.Signature = e.Signature ?? part.Signature;
        part.Encrypted = e.Encrypted ?? part.Encrypted;
        switch (e.PartKind)
        {
            case PartKind.Reasoning:
                // The whole text goes with its signature, so that a client who keeps only the details can send them back.
                var reasoning = new ReasoningPart
                {
                    Text = part.Text.ToString(), Id = part.Start.Id, IsSummary = part.Start.Flag, Signature = part.Signature, Encrypted = part.Encrypted,
                };
                if (OpenAIReasoning.NeedsDetails(reasoning))
                {
                    Chunk(e.Choice, output, null, static (writer, state) =>
                    {
                        writer.WriteStartArray("reasoning_details"u8);
                        OpenAIReasoning.WriteDetails(writer, state.Part, state.Index);
                        writer.WriteEndArray();
                    }, (Part: reasoning, Index: part.Position));
                }

                break;
            case PartKind.ToolCall:
                EndToolCall(e.Choice, part, output);
                break;
            case PartKind.Text when part.Signature is not null:
                Chunk(e.Choice, output, null, static (writer, signature) => OpenAIParts.WriteSignature(writer, signature), part.Signature);
                break;
            case PartKind.Image when part.Text.Length > 0:
                Image(e.Choice, $"data:{part.Start.Name ?? "image/png"};base64,{part.Text}", output);
                break;
        }
    }

    private void EndToolCall(int choice, PartState part, IBufferWriter<byte> output)
    {
        if (!part.HasArguments && !part.Start.Flag)
        {
            ToolArguments(choice, part, "{}", output);
        }

        if (part.Signature is not null)
        {
            Chunk(choice, output, null, static (writer, part) =>
            {
                writer.WriteStartArray("tool_calls"u8);
                writer.WriteStartObject();
                writer.WriteNumber("index"u8, part.Position);
                // Some clients refuse a delta of a call without this member.
                writer.WriteStartObject(part.Start.Flag ? "custom"u8 : "function"u8);
                writer.WriteString(part.Start.Flag ? "input"u8 : "arguments"u8, ""u8);
                writer.WriteEndObject();
                OpenAIParts.WriteSignature(writer, part.Signature);
                writer.WriteEndObject();
                writer.WriteEndArray();
            }, part);
        }
    }

    private void ToolArguments(int choice, PartState part, string text, IBufferWriter<byte> output) =>
        Chunk(choice, output, null, static (writer, delta) =>
        {
            writer.WriteStartArray("tool_calls"u8);
            writer.WriteStartObject();
            writer.WriteNumber("index"u8, delta.Part.Position);
            writer.WriteStartObject(delta.Part.Start.Flag ? "custom"u8 : "function"u8);
            writer.WriteString(delta.Part.Start.Flag ? "input"u8 : "arguments"u8, delta.Text);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndArray();
        }, (Part: part, Text: text));

    private void Image(int choice, string url, IBufferWriter<byte> output) =>
        Chunk(choice, output, null, static (writer, url) =>
        {
            writer.WriteStartArray("images"u8);
            OpenAIAnswerWriter.WriteImage(writer, url);
            writer.WriteEndArray();
        }, url);

    private void WriteUsage(IBufferWriter<byte> output)
    {
        if (!context.IncludeUsage || _usage is not { } usage)
        {
            return;
        }

        output.Write("data: "u8);
        using (var writer = JsonOutput.Create(output))
        {
            WriteHead(writer);
            writer.WriteStartArray("choices"u8);
            writer.WriteEndArray();
            writer.WritePropertyName("usage"u8);
            OpenAIUsage.Write(writer, usage);
            writer.WriteEndObject();
        }

        output.Write("\n\n"u8);
    }

    private void Chunk<T>(int choice, IBufferWriter<byte> output, string? finish, Action<Utf8JsonWriter, T> writeDelta, T state, JsonElement? logProbabilities = null)
    {
        output.Write("data: "u8);
        using (var writer = JsonOutput.Create(output))
        {
            WriteHead(writer);
            writer.WriteStartArray("choices"u8);
            writer.WriteStartObject();
            writer.WriteNumber("index"u8, choice);
            writer.WriteStartObject("delta"u8);
            writeDelta(writer, state);
            writer.WriteEndObject();
            if (logProbabilities is { } probabilities)
            {
                writer.WriteElement("logprobs", probabilities);
            }
            else
            {
                writer.WriteNull("logprobs"u8);
            }

            writer.WriteString("finish_reason"u8, finish);
            writer.WriteEndObject();
            writer.WriteEndArray();
            if (context.IncludeUsage)
            {
                writer.WriteNull("usage"u8);
            }

            writer.WriteEndObject();
        }

        output.Write("\n\n"u8);
    }

    private void WriteHead(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, _id);
        writer.WriteString("object"u8, "chat.completion.chunk"u8);
        writer.WriteNumber("created"u8, _created);
        writer.WriteString("model"u8, context.Model);
        writer.WriteOptional("service_tier", _serviceTier);
    }

    private sealed class ChoiceState
    {
        public Dictionary<int, PartState> Parts { get; } = [];

        public int ToolCalls { get; set; }

        public int Reasonings { get; set; }

        public int TextLength { get; set; }

        public bool HasRefusal { get; set; }
    }

    private sealed class PartState
    {
        public required ChatEvent Start { get; init; }

        /// <summary>Index among the tool calls or the reasoning parts, or where a text begins in the whole content.</summary>
        public required int Position { get; init; }

        public StringBuilder Text { get; } = new();

        public bool HasArguments { get; set; }

        public Signature? Signature { get; set; }

        public Signature? Encrypted { get; set; }
    }
}
