using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Gemini;

/// <summary>Writes the parts of messages.</summary>
internal sealed class GeminiPartWriter(Utf8JsonWriter writer, ChatRequest request, RequestTarget target, DropList drops)
{
    // What Gemini 3 accepts in place of its own signature on a call that another model made; without one it refuses the conversation.
    private const string NoSignature = "skip_thought_signature_validator";

    private readonly Dictionary<string, string> _names = CallNames(request);
    private readonly bool _writesIds = !GeminiRequestWriter.IsVertex(target);
    private readonly bool _wantsSignatures = target.Model.Contains("gemini-3", StringComparison.OrdinalIgnoreCase);

    /// <summary>True when <see cref="Write(ChatMessage)"/> writes anything.</summary>
    public bool HasContent(ChatMessage message) => message.Parts.Exists(part => part switch
    {
        TextPart text => text.Text.Length > 0 || Own(text.Signature) is not null,
        RefusalPart refusal => refusal.Text.Length > 0,
        ReasoningPart reasoning => IsOwn(reasoning),
        OpaquePart opaque => opaque.Origin == DialectId.Gemini,
        MediaPart media => media.Data is not null || media.Url is not null || media.Text is not null || IsFileUri(media.FileId),
        _ => true,
    });

    /// <summary>Writes all parts of <paramref name="message"/>.</summary>
    public void Write(ChatMessage message)
    {
        if (message.Role == ChatRole.Tool)
        {
            WriteResults(message);
            return;
        }

        var isFirstCall = true;
        foreach (var part in message.Parts)
        {
            switch (part)
            {
                case TextPart text:
                    WriteText(text.Text, thought: false, Own(text.Signature));
                    break;
                case RefusalPart refusal:
                    WriteText(refusal.Text, thought: false, signature: null);
                    break;
                case ReasoningPart reasoning when IsOwn(reasoning):
                    if (reasoning.Text.Length > 0 || reasoning.Signature is not null)
                    {
                        WriteText(reasoning.Text, thought: true, Own(reasoning.Signature));
                    }

                    if (Own(reasoning.Encrypted) is { } encrypted)
                    {
                        WriteText("", thought: false, encrypted);
                    }

                    break;
                case ToolCallPart call:
                    WriteCall(call, isFirstCall);
                    isFirstCall = false;
                    break;
                case ToolResultPart result:
                    WriteResult(result);
                    break;
                case MediaPart media:
                    WriteMedia(media);
                    break;
                case OpaquePart opaque when opaque.Origin == DialectId.Gemini:
                    opaque.Raw.WriteTo(writer);
                    break;
                case OpaquePart opaque:
                    drops.Add(CallerNames.Content(request.Origin, opaque.Type));
                    break;
            }
        }
    }

    private void WriteText(string text, bool thought, string? signature)
    {
        if (text.Length == 0 && signature is null)
        {
            return;
        }

        writer.WriteStartObject();
        writer.WriteString("text", text);
        if (thought)
        {
            writer.WriteBoolean("thought", true);
        }

        writer.WriteOptional("thoughtSignature", signature);
        writer.WriteEndObject();
    }

    private void WriteCall(ToolCallPart call, bool isFirst)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("functionCall");
        writer.WriteOptional("id", WireId(call.Id));
        writer.WriteString("name", call.Name);
        writer.WritePropertyName("args");
        ToolArguments.Write(writer, call.Arguments, call.IsCustom);
        writer.WriteEndObject();
        writer.WriteOptional("thoughtSignature", Own(call.Signature) ?? (isFirst && _wantsSignatures ? NoSignature : null));
        writer.WriteEndObject();
    }

    private void WriteResults(ChatMessage message)
    {
        var beside = new List<MediaPart>();
        foreach (var result in message.Parts.OfType<ToolResultPart>())
        {
            WriteResult(result);
            if (!_wantsSignatures)
            {
                beside.AddRange(result.Content.OfType<MediaPart>().Where(static m => m.Text is null));
            }
        }

        // Models before Gemini 3 take media only beside the results.
        beside.ForEach(WriteMedia);
    }

    private void WriteResult(ToolResultPart result)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("functionResponse");
        writer.WriteOptional("id", WireId(result.CallId));
        writer.WriteString("name", result.Name ?? _names.GetValueOrDefault(result.CallId) ?? result.CallId);
        GeminiToolResults.Write(writer, result);
        var media = _wantsSignatures ? result.Content.OfType<MediaPart>().Where(static m => m.Text is null).ToList() : [];
        if (media.Count > 0)
        {
            writer.WriteStartArray("parts");
            media.ForEach(WriteMedia);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private void WriteMedia(MediaPart media)
    {
        if (media.Text is { } text)
        {
            WriteText(string.Join('\n', new[] { media.Name, media.Context, text }.Where(static s => s is { Length: > 0 })), thought: false, signature: null);
            return;
        }

        var uri = MediaAddresses.IsWeb(media.Url) || media.Url?.StartsWith("gs://", StringComparison.OrdinalIgnoreCase) == true ? media.Url : (IsFileUri(media.FileId) ? media.FileId : null);
        if (media.Data is null && uri is null)
        {
            drops.Add(CallerNames.Content(request.Origin, media.Kind));
            return;
        }

        var type = media.MediaType ?? GeminiMediaTypes.Guess(media.Kind, media.Name ?? uri);
        writer.WriteStartObject();
        if (media.Data is { } data)
        {
            writer.WriteStartObject("inlineData");
            writer.WriteString("mimeType", type);
            writer.WriteString("data", data);
        }
        else
        {
            writer.WriteStartObject("fileData");
            writer.WriteString("mimeType", type);
            writer.WriteString("fileUri", uri);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private string? WireId(string id) => _writesIds && !GeminiCallIds.IsOwn(id) ? id : null;

    private bool IsOwn(ReasoningPart reasoning) =>
        Own(reasoning.Signature) is not null || Own(reasoning.Encrypted) is not null
        || (request.Origin == DialectId.Gemini && reasoning is { Signature: null, Encrypted: null, Text.Length: > 0 });

    private static string? Own(Signature? signature) => signature is { Origin: DialectId.Gemini } ? signature.Value : null;

    private static bool IsFileUri(string? fileId) => fileId is not null && (fileId.StartsWith("files/", StringComparison.Ordinal) || fileId.Contains("://", StringComparison.Ordinal));

    private static Dictionary<string, string> CallNames(ChatRequest request)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var call in request.Messages.SelectMany(static m => m.Parts).OfType<ToolCallPart>())
        {
            names[call.Id] = call.Name;
        }

        return names;
    }
}
