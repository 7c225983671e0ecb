using System.Text.Json;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Responses;

/// <summary>Writes the conversation as the member <c>input</c>, a list of items.</summary>
internal sealed class InputWriter(ChatRequest request, Utf8JsonWriter json, DropList drops)
{
    // OpenAI refuses longer ids, which some dialects' providers make.
    private const int LongestCallId = 64;

    private readonly HashSet<string> _customCalls = new(StringComparer.Ordinal);

    public void Write(IEnumerable<ChatMessage> messages)
    {
        json.WriteStartArray("input"u8);
        foreach (var message in messages)
        {
            drops.AddIf(message.Name is not null, CallerNames.Content(request.Origin, "name"));
            switch (message.Role)
            {
                case ChatRole.Assistant:
                    WriteAssistant(message);
                    break;
                case ChatRole.Tool:
                    foreach (var result in message.Parts.OfType<ToolResultPart>())
                    {
                        WriteResult(result);
                    }

                    break;
                default:
                    WriteMessage(message);
                    break;
            }
        }

        json.WriteEndArray();
    }

    private void WriteMessage(ChatMessage message)
    {
        // Items that only this dialect knows stand for themselves.
        foreach (var own in message.Parts.OfType<OpaquePart>().Where(IsItem))
        {
            own.Raw.WriteTo(json);
        }

        var parts = message.Parts.Where(static p => p is not OpaquePart opaque || !IsItem(opaque)).ToList();
        if (parts.Count == 0 && message.Parts.Count > 0)
        {
            return;
        }

        json.WriteStartObject();
        json.WriteString("type"u8, "message"u8);
        json.WriteString("role"u8, message.Role switch { ChatRole.System => "system"u8, ChatRole.Developer => "developer"u8, _ => "user"u8 });
        json.WritePropertyName("content"u8);
        WriteContents(parts);
        json.WriteEndObject();
    }

    private void WriteAssistant(ChatMessage message)
    {
        var isOpen = false;
        foreach (var part in message.Parts)
        {
            var isContent = part is TextPart { Text.Length: > 0 } or RefusalPart;
            if (isContent != isOpen)
            {
                if (isOpen)
                {
                    EndMessage();
                }

                isOpen = isContent && BeginMessage();
            }

            switch (part)
            {
                case TextPart { Text.Length: > 0 } text:
                    WriteOutputText(text);
                    break;
                case RefusalPart refusal:
                    json.WriteStartObject();
                    json.WriteString("type"u8, "refusal"u8);
                    json.WriteString("refusal"u8, refusal.Text);
                    json.WriteEndObject();
                    break;
                case ToolCallPart call:
                    WriteCall(call);
                    break;
                case ReasoningPart { Encrypted: { Origin: DialectId.OpenAIResponses } encrypted } reasoning:
                    WriteReasoning(reasoning, encrypted);
                    break;
                case OpaquePart { Origin: DialectId.OpenAIResponses } own:
                    own.Raw.WriteTo(json);
                    break;
                case MediaPart:
                    drops.Add(CallerNames.Content(request.Origin, "assistant.media"));
                    break;
            }
        }

        if (isOpen)
        {
            EndMessage();
        }
    }

    private bool BeginMessage()
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "message"u8);
        json.WriteString("role"u8, "assistant"u8);
        json.WriteStartArray("content"u8);
        return true;
    }

    private void EndMessage()
    {
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteOutputText(TextPart text)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "output_text"u8);
        json.WriteString("text"u8, text.Text);
        json.WriteStartArray("annotations"u8);
        foreach (var citation in text.Citations.Where(static c => c is { Origin: DialectId.OpenAIResponses, Raw: not null }))
        {
            Annotations.Write(json, citation, text.Text.Length);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteCall(ToolCallPart call)
    {
        if (call.IsCustom)
        {
            _customCalls.Add(call.Id);
        }

        json.WriteStartObject();
        json.WriteString("type"u8, call.IsCustom ? "custom_tool_call"u8 : "function_call"u8);
        json.WriteString("call_id"u8, CallId(call.Id));
        json.WriteString("name"u8, call.Name);
        json.WriteString(call.IsCustom ? "input"u8 : "arguments"u8, call is { IsCustom: false, Arguments.Length: 0 } ? "{}" : call.Arguments);
        json.WriteEndObject();
    }

    private void WriteReasoning(ReasoningPart reasoning, Signature encrypted)
    {
        var (id, content) = EncryptedReasoning.ForProvider(encrypted);
        json.WriteStartObject();
        json.WriteString("type"u8, "reasoning"u8);
        if (id is not null)
        {
            json.WriteString("id"u8, id);
        }

        json.WriteStartArray("summary"u8);
        if (reasoning.Text.Length > 0)
        {
            OutputItem.WriteSummary(json, reasoning.Text);
        }

        json.WriteEndArray();
        json.WriteString("encrypted_content"u8, content);
        json.WriteEndObject();
    }

    private void WriteResult(ToolResultPart result)
    {
        drops.AddIf(result.IsError, CallerNames.Content(request.Origin, "tool_result.is_error"));
        json.WriteStartObject();
        json.WriteString("type"u8, _customCalls.Contains(result.CallId) ? "custom_tool_call_output"u8 : "function_call_output"u8);
        json.WriteString("call_id"u8, CallId(result.CallId));
        json.WritePropertyName("output"u8);
        if (result.Content.Count == 0)
        {
            json.WriteStringValue(""u8);
        }
        else
        {
            WriteContents(result.Content);
        }

        json.WriteEndObject();
    }

    private void WriteContents(List<ContentPart> parts)
    {
        if (parts is [TextPart only])
        {
            json.WriteStringValue(only.Text);
            return;
        }

        json.WriteStartArray();
        foreach (var part in parts)
        {
            switch (part)
            {
                case TextPart text:
                    json.WriteStartObject();
                    json.WriteString("type"u8, "input_text"u8);
                    json.WriteString("text"u8, text.Text);
                    json.WriteEndObject();
                    break;
                case OpaquePart { Origin: DialectId.OpenAIResponses } own:
                    own.Raw.WriteTo(json);
                    break;
                case MediaPart media when MediaContent.TryWrite(json, media, request.Origin):
                    break;
                case MediaPart media:
                    drops.Add(CallerNames.Content(request.Origin, media.Kind));
                    break;
                case OpaquePart foreign:
                    drops.Add(CallerNames.Content(request.Origin, foreign.Type));
                    break;
            }
        }

        json.WriteEndArray();
    }

    private static bool IsItem(OpaquePart part) =>
        part.Origin == DialectId.OpenAIResponses && (part.Type.EndsWith("_output", StringComparison.Ordinal) || part.Type.EndsWith("_response", StringComparison.Ordinal));

    private static string CallId(string id) => id.Length <= LongestCallId ? id : ToolIds.Fit(id, LongestCallId);
}
