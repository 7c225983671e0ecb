using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;
using Gateway.Dialects.OpenAI.Compatible;

namespace Gateway.Dialects.OpenAI;

/// <summary>Writes the messages of a chat completion request.</summary>
internal sealed class OpenAIMessageWriter(Utf8JsonWriter json, ChatRequest request, ProviderQuirks quirks, DropList drops)
{
    /// <summary>OpenAI refuses longer ids of tool calls.</summary>
    private const int MaxIdLength = 40;

    /// <summary>Media of tool results, which a tool message has no place for: they follow in a message of the user.</summary>
    private readonly List<(string CallId, ContentPart Part)> _resultMedia = [];

    public void Write()
    {
        foreach (var message in request.Messages)
        {
            if (message.Role == ChatRole.Tool)
            {
                foreach (var part in message.Parts.OfType<ToolResultPart>())
                {
                    WriteToolResult(part);
                }

                continue;
            }

            // Nothing may stand between a call's results, so media wait until all of them are written.
            WriteResultMedia();
            if (message.Role == ChatRole.Assistant)
            {
                WriteAssistant(message);
            }
            else
            {
                WriteSimple(message);
            }
        }

        WriteResultMedia();
    }

    private void WriteSimple(ChatMessage message)
    {
        var parts = new OpenAIContentWriter(json, request.Origin, quirks, drops).Keep(message.Parts, textOnly: message.Role != ChatRole.User);
        if (parts.Count == 0 && message.Parts.Count > 0)
        {
            return;
        }

        json.WriteStartObject();
        json.WriteString("role"u8, message.Role switch
        {
            ChatRole.User => "user",
            ChatRole.Developer when quirks.DeveloperRole => "developer",
            _ => "system",
        });
        json.WriteOptional("name", message.Name);
        json.WritePropertyName("content"u8);
        WriteContent(parts, "\n");
        json.WriteEndObject();
    }

    private void WriteAssistant(ChatMessage message)
    {
        var texts = message.Parts.Where(static p => p is TextPart).ToList();
        var calls = message.Parts.OfType<ToolCallPart>().ToList();
        var refusals = message.Parts.OfType<RefusalPart>().ToList();
        var audio = message.Parts.OfType<MediaPart>().FirstOrDefault(static m => m is { Kind: MediaKind.Audio, Id: not null });
        drops.AddIf(message.Parts.Exists(static p => p is MediaPart and not { Kind: MediaKind.Audio, Id: not null }), CallerNames.Content(request.Origin, "assistant.media"));
        if (texts.Count == 0 && calls.Count == 0 && refusals.Count == 0 && audio is null && message.Parts.Count > 0)
        {
            return;
        }

        json.WriteStartObject();
        json.WriteString("role"u8, "assistant"u8);
        json.WriteOptional("name", message.Name);
        json.WritePropertyName("content"u8);
        if (texts.Count > 0)
        {
            WriteContent(texts, "");
        }
        else if (calls.Count > 0 || refusals.Count > 0 || audio is not null)
        {
            json.WriteNullValue();
        }
        else
        {
            json.WriteStringValue(""u8);
        }

        if (refusals.Count > 0)
        {
            json.WriteString("refusal"u8, string.Concat(refusals.Select(static r => r.Text)));
        }

        if (audio is not null)
        {
            json.WriteStartObject("audio"u8);
            json.WriteString("id"u8, audio.Id);
            json.WriteEndObject();
        }

        WriteReasoning(message.Parts.OfType<ReasoningPart>().ToList());
        if (calls.Count > 0)
        {
            json.WriteStartArray("tool_calls"u8);
            foreach (var call in calls)
            {
                OpenAIParts.WriteToolCall(json, Own(call), CallId(call.Id));
            }

            json.WriteEndArray();
        }

        if (texts.OfType<TextPart>().LastOrDefault(static t => t.Signature is { Origin: DialectId.OpenAIChat }) is { } signed)
        {
            OpenAIParts.WriteSignature(json, signed.Signature);
        }

        json.WriteEndObject();
    }

    /// <summary>The call without a signature that another provider made.</summary>
    private static ToolCallPart Own(ToolCallPart call) =>
        call.Signature is null or { Origin: DialectId.OpenAIChat } ? call
        : new ToolCallPart { Id = call.Id, Name = call.Name, Arguments = call.Arguments, IsCustom = call.IsCustom };

    private void WriteReasoning(List<ReasoningPart> parts)
    {
        var own = parts.FindAll(static p => p is { Signature: null or { Origin: DialectId.OpenAIChat }, Encrypted: null or { Origin: DialectId.OpenAIChat } });
        if (quirks.ReasoningBack && string.Concat(own.Select(static p => p.Text)) is { Length: > 0 } text)
        {
            json.WriteString("reasoning_content"u8, text);
        }

        // Only what a provider of this dialect sealed goes back to it.
        if (!quirks.DetailsBack || !own.Exists(static p => p.Signature is not null || p.Encrypted is not null))
        {
            return;
        }

        json.WriteStartArray("reasoning_details"u8);
        for (var i = 0; i < own.Count; i++)
        {
            OpenAIReasoning.WriteDetails(json, own[i], i);
        }

        json.WriteEndArray();
    }

    private void WriteToolResult(ToolResultPart result)
    {
        var texts = new List<ContentPart>();
        foreach (var part in result.Content)
        {
            switch (part)
            {
                case TextPart:
                    texts.Add(part);
                    break;
                case MediaPart { Text: { } text }:
                    texts.Add(new TextPart(text));
                    break;
                case MediaPart:
                    _resultMedia.Add((result.CallId, part));
                    break;
                case OpaquePart opaque:
                    texts.Add(new TextPart(opaque.Raw.GetRawText()));
                    break;
            }
        }

        drops.AddIf(result.IsError, CallerNames.Content(request.Origin, "tool_result.is_error"));
        if (result.Cache is not null && texts.Count > 0 && quirks.CacheControl)
        {
            texts[^1] = new TextPart(((TextPart)texts[^1]).Text) { Cache = result.Cache };
        }

        json.WriteStartObject();
        json.WriteString("role"u8, "tool"u8);
        json.WriteString("tool_call_id"u8, CallId(result.CallId));
        json.WritePropertyName("content"u8);
        WriteContent(texts, "\n");
        json.WriteEndObject();
    }

    private void WriteResultMedia()
    {
        if (_resultMedia.Count == 0)
        {
            return;
        }

        var parts = new List<ContentPart>();
        string? last = null;
        foreach (var (callId, part) in _resultMedia)
        {
            if (callId != last)
            {
                parts.Add(new TextPart($"Files of the result of tool call {CallId(callId)}:"));
                last = callId;
            }

            parts.Add(part);
        }

        _resultMedia.Clear();
        var message = new ChatMessage(ChatRole.User);
        message.Parts.AddRange(parts);
        WriteSimple(message);
    }

    private void WriteContent(List<ContentPart> parts, string separator)
    {
        var writer = new OpenAIContentWriter(json, request.Origin, quirks, drops);
        var marked = quirks.CacheControl && parts.Exists(static p => p.Cache is not null);
        if (!marked && (parts.Count == 0 || (parts.TrueForAll(static p => p is TextPart) && (parts.Count == 1 || quirks.PlainContent))))
        {
            json.WriteStringValue(string.Join(separator, parts.Cast<TextPart>().Select(static t => t.Text)));
            return;
        }

        json.WriteStartArray();
        foreach (var part in parts)
        {
            writer.Write(part);
        }

        json.WriteEndArray();
    }

    private string CallId(string id) =>
        quirks.NineLetterIds ? ToolCallIds.Nine(id) : quirks.IsOpenAI && id.Length > MaxIdLength ? ToolIds.Fit(id, MaxIdLength) : id;
}
