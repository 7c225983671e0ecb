using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.OpenAI.Compatible;

/// <summary>
/// Brings the answers of "compatible" providers into the form that OpenAI's own clients accept, and leaves alone what already is: missing types, ids and
/// indexes of tool calls, arguments that are no text, contents that are arrays, finish reasons of their own, missing <c>id</c>, <c>object</c>,
/// <c>created</c> or <c>choices</c>, usage in other places. Unknown members stay. One instance serves one answer: a plain one, or all events of a stream.
/// Not thread-safe.
/// </summary>
/// <param name="id">Id for an answer that has none, without prefix.</param>
/// <param name="model">Model name for an answer that has none.</param>
/// <param name="created">Time for an answer that has none, in seconds since 1970.</param>
public sealed class AnswerNormaliser(string id, string model, long created)
{
    private ToolCallLedger? _ledger;

    /// <summary>True when the body of a plain answer conforms, or is no answer: it is to be passed on as it is. Costs no allocation.</summary>
    public static bool Conforms(ReadOnlySpan<byte> body) => Conformance.Holds(body, isChunk: false, null);

    /// <summary>Normalises the body of a plain answer.</summary>
    /// <param name="body">The body.</param>
    /// <param name="output">Receives the new body; nothing when it stays as it is.</param>
    /// <returns>False when the body conforms, or is no answer: it is to be passed on as it is.</returns>
    public bool TryNormalise(ReadOnlySpan<byte> body, IBufferWriter<byte> output) => !Conformance.Holds(body, isChunk: false, null) && Rewrite(body, false, output);

    /// <summary>Normalises the payload of one event of a stream.</summary>
    /// <param name="payload">The payload, without framing.</param>
    /// <param name="output">Receives the new payload; nothing when it stays as it is.</param>
    /// <returns>False when the payload conforms, or is no chunk: it is to be passed on as it is.</returns>
    public bool TryNormaliseChunk(ReadOnlySpan<byte> payload, IBufferWriter<byte> output) =>
        !Conformance.Holds(payload, isChunk: true, _ledger ??= new ToolCallLedger()) && Rewrite(payload, true, output);

    private bool Rewrite(ReadOnlySpan<byte> json, bool isChunk, IBufferWriter<byte> output)
    {
        if (!LenientJson.TryParseObject(json, out var answer))
        {
            return false;
        }

        using var writer = JsonOutput.Create(output);
        writer.WriteStartObject();
        writer.WriteString("id"u8, answer.StringOf("id") ?? "chatcmpl-" + id);
        writer.WriteString("object"u8, isChunk ? "chat.completion.chunk"u8 : "chat.completion"u8);
        writer.WriteNumber("created"u8, answer.LongOf("created") ?? (answer.NumberOf("created") is { } time and > 0 and < 1e15 ? (long)time : created));
        writer.WriteString("model"u8, answer.StringOf("model") ?? model);
        writer.WriteStartArray("choices"u8);
        if (answer.TryArray("choices", out var choices))
        {
            var position = 0;
            foreach (var choice in choices.EnumerateArray())
            {
                if (choice.ValueKind == JsonValueKind.Object)
                {
                    WriteChoice(writer, choice, position++, isChunk);
                }
            }
        }

        writer.WriteEndArray();
        WriteUsage(writer, answer);
        CopyOthers(writer, answer, "id", "object", "created", "model", "choices", "usage");
        writer.WriteEndObject();
        return true;
    }

    private static void WriteUsage(Utf8JsonWriter writer, JsonElement answer)
    {
        if (!answer.TryObject("usage", out var usage) && !(answer.TryObject("x_groq", out var groq) && groq.TryObject("usage", out usage)))
        {
            return;
        }

        var prompt = usage.LongOf("prompt_tokens") ?? 0;
        var completion = usage.LongOf("completion_tokens") ?? 0;
        writer.WriteStartObject("usage"u8);
        writer.WriteNumber("prompt_tokens"u8, prompt);
        writer.WriteNumber("completion_tokens"u8, completion);
        writer.WriteNumber("total_tokens"u8, usage.LongOf("total_tokens") ?? prompt + completion);
        CopyOthers(writer, usage, "prompt_tokens", "completion_tokens", "total_tokens");
        writer.WriteEndObject();
    }

    private void WriteChoice(Utf8JsonWriter writer, JsonElement choice, int position, bool isChunk)
    {
        var index = choice.IntOf("index") ?? position;
        writer.WriteStartObject();
        writer.WriteNumber("index"u8, index);
        var hasMessage = choice.TryObject(isChunk ? "delta" : "message", out var message) || choice.TryObject(isChunk ? "message" : "delta", out message);
        writer.WriteStartObject(isChunk ? "delta"u8 : "message"u8);
        if (hasMessage)
        {
            WriteMessage(writer, message, index, isChunk);
        }
        else if (!isChunk)
        {
            writer.WriteString("role"u8, "assistant"u8);
            writer.WriteString("content"u8, choice.StringOf("text") ?? "");
        }

        writer.WriteEndObject();
        var word = choice.StringOf("finish_reason");
        if (word is null && isChunk)
        {
            writer.WriteNull("finish_reason"u8);
        }
        else
        {
            var hasCalls = hasMessage && message.TryArray("tool_calls", out var calls) && calls.GetArrayLength() > 0;
            var isStandard = word is not null && OpenAIFinish.IsStandard(Encoding.UTF8.GetBytes(word));
            writer.WriteString("finish_reason"u8, isStandard ? word : OpenAIFinish.Normalise(word, hasCalls));
        }

        CopyOthers(writer, choice, "index", isChunk ? "delta" : "message", "finish_reason");
        writer.WriteEndObject();
    }

    private void WriteMessage(Utf8JsonWriter writer, JsonElement message, int choice, bool isChunk)
    {
        if (!isChunk || message.StringOf("role") is { Length: > 0 })
        {
            writer.WriteString("role"u8, "assistant"u8);
        }

        var reasoning = WriteContent(writer, message, isChunk);
        if (reasoning.Length > 0 && !message.TryMember("reasoning_content", out _))
        {
            writer.WriteString("reasoning_content"u8, reasoning);
        }

        if (message.TryArray("tool_calls", out var calls))
        {
            writer.WriteStartArray("tool_calls"u8);
            var position = 0;
            foreach (var call in calls.EnumerateArray())
            {
                if (call.ValueKind == JsonValueKind.Object)
                {
                    WriteToolCall(writer, call, choice, position++, isChunk);
                }
            }

            writer.WriteEndArray();
        }

        CopyOthers(writer, message, "role", "content", "tool_calls");
    }

    /// <summary>Writes the content as text or null.</summary>
    /// <returns>The reasoning that was among its parts.</returns>
    private static string WriteContent(Utf8JsonWriter writer, JsonElement message, bool isChunk)
    {
        if (!message.TryGetProperty("content", out var content))
        {
            if (!isChunk)
            {
                writer.WriteNull("content"u8);
            }

            return "";
        }

        if (content.ValueKind is JsonValueKind.String or JsonValueKind.Null)
        {
            writer.WriteElement("content", content);
            return "";
        }

        string? text = null;
        var reasoning = "";
        if (content.ValueKind == JsonValueKind.Array)
        {
            OpenAIParts.ReadContentArray(content, t => text += t, r => reasoning += r);
        }
        else
        {
            text = content.StringOf("text") ?? content.GetRawText();
        }

        if (text is not null || !isChunk)
        {
            writer.WriteString("content"u8, text);
        }

        return reasoning;
    }

    private void WriteToolCall(Utf8JsonWriter writer, JsonElement call, int choice, int position, bool isChunk)
    {
        var isCustom = call.TryObject("custom", out var body);
        var hasBody = isCustom || call.TryObject("function", out body);
        var callId = call.StringOf("id") ?? "";
        var hasName = hasBody && body.StringOf("name") is { Length: > 0 };
        writer.WriteStartObject();
        var index = position;
        var begins = true;
        if (isChunk)
        {
            var wire = call.IntOf("index");
            begins = (hasName || callId.Length > 0) && (!_ledger!.Knows(choice, wire) || callId.Length > 0 || wire is null);
            if (begins && callId.Length == 0)
            {
                callId = ToolCallIds.Missing(id, choice, wire ?? position);
            }

            index = _ledger!.IndexOf(choice, wire, Encoding.UTF8.GetBytes(begins ? callId : ""), hasName);
            writer.WriteNumber("index"u8, index);
        }

        if (begins)
        {
            writer.WriteString("id"u8, callId.Length > 0 ? callId : ToolCallIds.Missing(id, choice, index));
            writer.WriteString("type"u8, isCustom ? "custom"u8 : "function"u8);
        }

        if (hasBody || !isChunk)
        {
            writer.WriteStartObject(isCustom ? "custom"u8 : "function"u8);
            if (!isChunk || body.TryMember("name", out _))
            {
                writer.WriteString("name"u8, hasBody ? body.StringOf("name") ?? "" : "");
            }

            var member = isCustom ? "input" : "arguments";
            if (!isChunk || body.TryGetProperty(member, out _))
            {
                writer.WriteString(member, !hasBody ? "{}" : isCustom ? body.StringOf("input") ?? "" : OpenAIParts.Arguments(body) is { Length: > 0 } json ? json : isChunk ? "" : "{}");
            }

            if (hasBody)
            {
                CopyOthers(writer, body, "name", member);
            }

            writer.WriteEndObject();
        }

        if (isChunk)
        {
            CopyOthers(writer, call, "index", "id", "type", "function", "custom");
        }
        else
        {
            CopyOthers(writer, call, "id", "type", "function", "custom");
        }

        writer.WriteEndObject();
    }

    private static void CopyOthers(Utf8JsonWriter writer, JsonElement from, params ReadOnlySpan<string> but)
    {
        foreach (var member in from.EnumerateObject())
        {
            if (but.IndexOf(member.Name) < 0)
            {
                member.WriteTo(writer);
            }
        }
    }
}
