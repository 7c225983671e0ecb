using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;
using Gateway.Dialects.OpenAI;

namespace Gateway.Dialects.Anthropic;

/// <summary>Anthropic's errors: <c>{"type":"error","error":{"type":…,"message":…}}</c>, as a body and as an event of a stream.</summary>
internal static class AnthropicErrors
{
    private const int LongestForeignText = 2000;

    public static ChatError Read(int status, ReadOnlySpan<byte> body)
    {
        if (!LenientJson.TryParseObject(body, out var root))
        {
            var text = Encoding.UTF8.GetString(body.Length > LongestForeignText ? body[..LongestForeignText] : body).Trim();
            return new ChatError { Status = status, Kind = KindOf(status, null, text), Message = text.Length > 0 ? text : $"The provider answered with status {status}." };
        }

        return Read(status, root);
    }

    /// <summary>Reads an error object, or an event that holds one.</summary>
    /// <param name="status">HTTP status, or 0 where only the error's type tells it: in a stream.</param>
    /// <param name="root">The object.</param>
    public static ChatError Read(int status, JsonElement root)
    {
        var error = root.TryObject("error", out var inner) ? inner : root;
        var type = error.StringOf("type");
        type = type == "error" ? null : type;
        var message = error.StringOf("message") ?? root.StringOf("message") ?? root.StringOf("error") ?? root.StringOf("detail");
        if (status == 0)
        {
            status = StatusOf(type);
        }

        return new ChatError
        {
            Status = status,
            Kind = KindOf(status, type, message ?? ""),
            Message = message ?? $"The provider answered with status {status}.",
            Type = type,
        };
    }

    public static void Write(ChatError error, IBufferWriter<byte> output)
    {
        using var writer = JsonOutput.Create(output);
        writer.WriteStartObject();
        writer.WriteString("type"u8, "error"u8);
        writer.WriteStartObject("error"u8);
        writer.WriteString("type"u8, TypeOf(error));
        writer.WriteString("message"u8, error.Message);
        writer.WriteOptional("code", error.Code);
        writer.WriteOptional("param", error.Param);
        foreach (var (name, value) in error.Details ?? [])
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(value);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>Anthropic's word for the kind. Official clients choose their exception by status, agents their reaction by this word.</summary>
    private static string TypeOf(ChatError error) => error.Kind switch
    {
        ChatErrorKind.Authentication => "authentication_error",
        ChatErrorKind.Permission => "permission_error",
        ChatErrorKind.NotFound => "not_found_error",
        ChatErrorKind.TooLarge => "request_too_large",
        ChatErrorKind.RateLimit => "rate_limit_error",
        ChatErrorKind.Quota => "billing_error",
        ChatErrorKind.Overloaded => "overloaded_error",
        ChatErrorKind.Timeout => "timeout_error",
        ChatErrorKind.Api => "api_error",
        _ => "invalid_request_error",
    };

    private static int StatusOf(string? type) => type switch
    {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => 500,
    };

    private static ChatErrorKind KindOf(int status, string? type, string message) => type switch
    {
        "authentication_error" => ChatErrorKind.Authentication,
        "billing_error" => ChatErrorKind.Quota,
        "permission_error" => ChatErrorKind.Permission,
        "not_found_error" => ChatErrorKind.NotFound,
        "request_too_large" => ChatErrorKind.TooLarge,
        "rate_limit_error" => ChatErrorKind.RateLimit,
        "timeout_error" => ChatErrorKind.Timeout,
        "overloaded_error" => ChatErrorKind.Overloaded,
        _ => Says(message, "exceed context limit") ? ChatErrorKind.ContextLength
            : Says(message, "content filtering policy") ? ChatErrorKind.ContentFilter
            : ErrorKinds.Classify(status, type, null, message),
    };

    private static bool Says(string message, string words) => message.Contains(words, StringComparison.OrdinalIgnoreCase);
}
