using System.Buffers;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Cohere;

/// <summary>Errors: an object with a <c>message</c>; all else is in the status.</summary>
internal static class CohereErrors
{
    /// <summary>See <see cref="IChatDialect.ReadError"/>.</summary>
    public static ChatError Read(int status, ReadOnlySpan<byte> body)
    {
        status = status is >= 400 and <= 599 ? status : 502;
        var root = LenientJson.TryParse(body, out var parsed) ? parsed : default;
        var nested = root.Member("error");
        var message = root.StringOf("message") ?? root.StringOf("detail") ?? nested?.Text() ?? nested?.StringOf("message");
        return new ChatError
        {
            Status = status,
            Kind = Kind(status, message ?? ""),
            Message = message ?? $"The provider answered with status {status} and no explanation.",
            Type = root.StringOf("type") ?? nested?.StringOf("type"),
            Code = root.StringOf("code") ?? nested?.StringOf("code"),
        };
    }

    /// <summary>See <see cref="IChatDialect.WriteError"/>.</summary>
    public static void Write(ChatError error, IBufferWriter<byte> output)
    {
        using var writer = JsonOutput.Create(output);
        writer.WriteStartObject();
        writer.WriteString("message", error.Message);
        writer.WriteOptional("type", error.Type);
        writer.WriteOptional("code", error.Code);
        writer.WriteOptional("param", error.Param);
        foreach (var (name, raw) in error.Details ?? [])
        {
            if (LenientJson.TryParse(raw, out var value))
            {
                writer.WriteElement(name, value);
            }
        }

        writer.WriteEndObject();
    }

    private static ChatErrorKind Kind(int status, string message)
    {
        bool Says(string words) => message.Contains(words, StringComparison.OrdinalIgnoreCase);
        return status switch
        {
            401 or 498 => ChatErrorKind.Authentication,
            402 => ChatErrorKind.Quota,
            403 => ChatErrorKind.Permission,
            404 => ChatErrorKind.NotFound,
            408 or 504 => ChatErrorKind.Timeout,
            413 => ChatErrorKind.TooLarge,
            429 => Says("/ month") || Says("billing") ? ChatErrorKind.Quota : ChatErrorKind.RateLimit,
            503 or 529 => ChatErrorKind.Overloaded,
            400 or 422 when Says("too many tokens") || Says("token limit") || Says("context length") => ChatErrorKind.ContextLength,
            < 500 => ChatErrorKind.InvalidRequest,
            _ => ChatErrorKind.Api,
        };
    }
}
