using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Gemini;

/// <summary>Errors: Google's <c>Status</c> (code, status in words, message, details), in array streams wrapped into an array.</summary>
internal static class GeminiErrors
{
    /// <summary>See <see cref="IChatDialect.ReadError"/>.</summary>
    /// <param name="status">HTTP status, or 0 to take the one the body names.</param>
    /// <param name="body">The body.</param>
    public static ChatError Read(int status, ReadOnlySpan<byte> body)
    {
        var error = LenientJson.TryParse(body, out var root) ? root.ItemsOrSelf().FirstOrDefault().Member("error") : null;
        if (error is not { } value)
        {
            return new ChatError { Status = Status(status), Kind = Kind(Status(status), null), Message = $"The provider answered with status {Status(status)} and no explanation." };
        }

        var code = value.Member("code");
        status = Status(status > 0 ? status : code?.Int() ?? 0);
        var word = value.StringOf("status") ?? code?.Text();
        var message = value.Text() ?? value.StringOf("message") ?? $"The provider answered with status {status}.";
        var details = (value.Member("details") ?? default).Items().ToList();
        var reason = details.Select(static d => d.StringOf("reason")).FirstOrDefault(static r => r is not null);
        return new ChatError
        {
            Status = status,
            Kind = Refine(Kind(status, word), message, reason),
            Message = message,
            Type = word,
            Code = reason,
            Param = details.SelectMany(static d => (d.CamelMember("fieldViolations") ?? default).Items()).Select(static v => v.StringOf("field")).FirstOrDefault(static f => f is { Length: > 0 }),
            RetryAfter = details.Select(static d => Delay(d.CamelMember("retryDelay"))).FirstOrDefault(static d => d is not null),
        };
    }

    /// <summary>See <see cref="IChatDialect.WriteError"/>.</summary>
    public static void Write(ChatError error, IBufferWriter<byte> output)
    {
        using var writer = JsonOutput.Create(output);
        Write(writer, error);
    }

    /// <summary>Writes an object with the one member <c>error</c>.</summary>
    public static void Write(Utf8JsonWriter writer, ChatError error)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("error");
        writer.WriteNumber("code", error.Status);
        writer.WriteString("message", error.Message);
        writer.WriteString("status", Word(error));
        WriteDetails(writer, error);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteDetails(Utf8JsonWriter writer, ChatError error)
    {
        var details = error.Details ?? [];
        if (error.Code is null && error.Param is null && error.RetryAfter is null && details.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("details");
        if (error.Code is not null || details.Count > 0)
        {
            writer.WriteStartObject();
            writer.WriteString("@type", "type.googleapis.com/google.rpc.ErrorInfo");
            writer.WriteString("reason", error.Code ?? error.Type ?? Word(error));
            writer.WriteStartObject("metadata");
            foreach (var (name, raw) in details)
            {
                // Values here are strings by definition; what is none is given as its JSON.
                writer.WriteString(name, LenientJson.TryParse(raw, out var value) && value.Text() is { } text ? text : raw);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        if (error.Param is not null)
        {
            writer.WriteStartObject();
            writer.WriteString("@type", "type.googleapis.com/google.rpc.BadRequest");
            writer.WriteStartArray("fieldViolations");
            writer.WriteStartObject();
            writer.WriteString("field", error.Param);
            writer.WriteString("description", error.Message);
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        if (error.RetryAfter is { } delay)
        {
            writer.WriteStartObject();
            writer.WriteString("@type", "type.googleapis.com/google.rpc.RetryInfo");
            writer.WriteString("retryDelay", string.Create(CultureInfo.InvariantCulture, $"{delay.TotalSeconds:0.###}s"));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static int Status(int status) => status is >= 400 and <= 599 ? status : 502;

    private static ChatErrorKind Kind(int status, string? word) => word switch
    {
        "INVALID_ARGUMENT" or "FAILED_PRECONDITION" or "OUT_OF_RANGE" or "ALREADY_EXISTS" => ChatErrorKind.InvalidRequest,
        "UNAUTHENTICATED" => ChatErrorKind.Authentication,
        "PERMISSION_DENIED" => ChatErrorKind.Permission,
        "NOT_FOUND" => ChatErrorKind.NotFound,
        "RESOURCE_EXHAUSTED" => ChatErrorKind.RateLimit,
        "UNAVAILABLE" => ChatErrorKind.Overloaded,
        "DEADLINE_EXCEEDED" => ChatErrorKind.Timeout,
        "INTERNAL" or "UNKNOWN" or "DATA_LOSS" or "ABORTED" or "CANCELLED" => ChatErrorKind.Api,
        _ => status switch
        {
            401 => ChatErrorKind.Authentication,
            402 => ChatErrorKind.Quota,
            403 => ChatErrorKind.Permission,
            404 => ChatErrorKind.NotFound,
            408 or 504 => ChatErrorKind.Timeout,
            413 => ChatErrorKind.TooLarge,
            429 => ChatErrorKind.RateLimit,
            503 or 529 => ChatErrorKind.Overloaded,
            < 500 => ChatErrorKind.InvalidRequest,
            _ => ChatErrorKind.Api,
        },
    };

    /// <summary>The API says several things with one status; its words tell them apart.</summary>
    private static ChatErrorKind Refine(ChatErrorKind kind, string message, string? reason)
    {
        bool Says(string words) => message.Contains(words, StringComparison.OrdinalIgnoreCase);
        return kind switch
        {
            ChatErrorKind.InvalidRequest when reason is "API_KEY_INVALID" or "API_KEY_EXPIRED" || Says("API key not valid") || Says("API key expired") => ChatErrorKind.Authentication,
            ChatErrorKind.InvalidRequest when Says("token count") && (Says("exceeds") || Says("exceed")) => ChatErrorKind.ContextLength,
            ChatErrorKind.InvalidRequest when Says("location is not supported") => ChatErrorKind.Permission,
            ChatErrorKind.InvalidRequest when Says("payload size exceeds") => ChatErrorKind.TooLarge,
            ChatErrorKind.RateLimit when Says("credits are depleted") || Says("spending cap") => ChatErrorKind.Quota,
            _ => kind,
        };
    }

    private static string Word(ChatError error) => error.Kind switch
    {
        ChatErrorKind.Authentication => "UNAUTHENTICATED",
        ChatErrorKind.Permission => "PERMISSION_DENIED",
        ChatErrorKind.NotFound => "NOT_FOUND",
        ChatErrorKind.RateLimit or ChatErrorKind.Quota => "RESOURCE_EXHAUSTED",
        ChatErrorKind.Overloaded => "UNAVAILABLE",
        ChatErrorKind.Timeout => "DEADLINE_EXCEEDED",
        ChatErrorKind.Api => error.Status == 503 ? "UNAVAILABLE" : "INTERNAL",
        _ => "INVALID_ARGUMENT",
    };

    private static TimeSpan? Delay(JsonElement? duration) =>
        duration?.Text() is ['0' or '1' or '2' or '3' or '4' or '5' or '6' or '7' or '8' or '9', .., 's'] text
        && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < 1e7
            ? TimeSpan.FromSeconds(seconds) : null;
}
