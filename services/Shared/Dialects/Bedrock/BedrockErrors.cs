using System.Buffers;
using System.Text;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Framing;
using Gateway.Dialects.Json;
using Gateway.Dialects.OpenAI;

namespace Gateway.Dialects.Bedrock;

/// <summary>Bedrock's errors: a message in the body, the type in the header <c>x-amzn-ErrorType</c>; in a stream an exception with its name.</summary>
internal static class BedrockErrors
{
    private const int LongestForeignText = 2000;

    /// <summary>Reads an error answer.</summary>
    /// <param name="status">HTTP status; 0 in a stream, where the type tells it.</param>
    /// <param name="body">The body, or the exception's payload.</param>
    /// <param name="type">The type's header, the exception's name, or null: then the body may name it.</param>
    public static ChatError Read(int status, ReadOnlySpan<byte> body, string? type)
    {
        string? message;
        if (LenientJson.TryParseObject(body, out var root))
        {
            type ??= root.StringOf("__type") ?? root.StringOf("code");
            message = root.StringOf("message") ?? root.StringOf("Message") ?? root.StringOf("originalMessage");
            status = status == 0 && root.IntOf("originalStatusCode") is >= 400 and <= 599 and var original ? original : status;
        }
        else
        {
            message = Encoding.UTF8.GetString(body.Length > LongestForeignText ? body[..LongestForeignText] : body).Trim();
        }

        type = Plain(type);
        status = status == 0 ? StatusOf(type) : status;
        return new ChatError
        {
            Status = status,
            Kind = KindOf(status, type, message),
            Message = string.IsNullOrEmpty(message) ? type is null ? $"The provider answered with status {status}." : $"The provider answered with {type}." : message,
            Type = type,
        };
    }

    public static void Write(ChatError error, IBufferWriter<byte> output)
    {
        using var writer = JsonOutput.Create(output);
        writer.WriteStartObject();
        writer.WriteString("__type"u8, TypeOf(error.Kind));
        writer.WriteString("message"u8, error.Message);
        // Clients take a member "code" for the type.
        writer.WriteOptional("errorCode", error.Code);
        writer.WriteOptional("param", error.Param);
        foreach (var (name, value) in error.Details ?? [])
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(value);
        }

        writer.WriteEndObject();
    }

    /// <summary>Writes the exception that ends a stream; its names are fewer than those of answers.</summary>
    public static void WriteException(ChatError error, IBufferWriter<byte> output)
    {
        var payload = new ArrayBufferWriter<byte>();
        using (var writer = JsonOutput.Create(payload))
        {
            writer.WriteStartObject();
            writer.WriteString("message"u8, error.Message);
            writer.WriteOptional("errorCode", error.Code);
            foreach (var (name, value) in error.Details ?? [])
            {
                writer.WritePropertyName(name);
                writer.WriteRawValue(value);
            }

            writer.WriteEndObject();
        }

        var type = error.Kind switch
        {
            ChatErrorKind.RateLimit or ChatErrorKind.Quota => "throttlingException"u8,
            ChatErrorKind.Overloaded => "serviceUnavailableException"u8,
            ChatErrorKind.Timeout or ChatErrorKind.ContentFilter => "modelStreamErrorException"u8,
            ChatErrorKind.Api => "internalServerException"u8,
            _ => "validationException"u8,
        };
        EventStreamMessage.WriteException(output, type, payload.WrittenSpan);
    }

    /// <summary>The type that a caller's client expects in <c>x-amzn-ErrorType</c>.</summary>
    public static string TypeOf(ChatErrorKind kind) => kind switch
    {
        ChatErrorKind.Authentication => "UnrecognizedClientException",
        ChatErrorKind.Permission => "AccessDeniedException",
        ChatErrorKind.NotFound => "ResourceNotFoundException",
        ChatErrorKind.RateLimit => "ThrottlingException",
        ChatErrorKind.Quota => "ServiceQuotaExceededException",
        ChatErrorKind.Overloaded => "ServiceUnavailableException",
        ChatErrorKind.Timeout => "ModelTimeoutException",
        ChatErrorKind.Api => "InternalServerException",
        _ => "ValidationException",
    };

    /// <summary>The type without its namespace before <c>#</c> and the address behind <c>:</c>, in the case of answers.</summary>
    private static string? Plain(string? type)
    {
        if (string.IsNullOrWhiteSpace(type))
        {
            return null;
        }

        type = type.Split(':')[0];
        type = type[(type.LastIndexOf('#') + 1)..].Trim();
        return type.Length == 0 ? null : char.ToUpperInvariant(type[0]) + type[1..];
    }

    private static int StatusOf(string? type) => type switch
    {
        "ValidationException" or "ServiceQuotaExceededException" => 400,
        "UnrecognizedClientException" or "ExpiredTokenException" or "InvalidSignatureException" or "MissingAuthenticationTokenException" => 403,
        "AccessDeniedException" => 403,
        "ResourceNotFoundException" => 404,
        "ModelTimeoutException" => 408,
        "ModelErrorException" or "ModelStreamErrorException" => 424,
        "ThrottlingException" or "ModelNotReadyException" => 429,
        "ServiceUnavailableException" => 503,
        _ => 500,
    };

    private static ChatErrorKind KindOf(int status, string? type, string? message) => type switch
    {
        "UnrecognizedClientException" or "ExpiredTokenException" or "InvalidSignatureException" or "MissingAuthenticationTokenException" or "IncompleteSignatureException"
            => ChatErrorKind.Authentication,
        "AccessDeniedException" => ChatErrorKind.Permission,
        "ResourceNotFoundException" => ChatErrorKind.NotFound,
        "ThrottlingException" or "ServiceQuotaExceededException" => ChatErrorKind.RateLimit,
        "ModelNotReadyException" or "ServiceUnavailableException" => ChatErrorKind.Overloaded,
        "ModelTimeoutException" => ChatErrorKind.Timeout,
        "InternalServerException" or "ModelErrorException" or "ModelStreamErrorException" => ChatErrorKind.Api,
        "ValidationException" => ErrorKinds.Classify(400, null, null, message),
        _ => status == 424 ? ChatErrorKind.Api : ErrorKinds.Classify(status, type, null, message),
    };
}
