using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Errors;

/// <summary>The gateway's own failures in the caller's dialect.</summary>
internal static class CallerErrors
{
    private static readonly JsonWriterOptions _options = new() { SkipValidation = true };

    /// <summary>True when errors of <paramref name="dialect"/> have OpenAI's form.</summary>
    public static bool IsOpenAI(DialectId dialect) => dialect is DialectId.OpenAIChat or DialectId.OpenAICompletions or DialectId.OpenAIResponses;

    /// <summary>The failure as an error in no dialect.</summary>
    public static ChatError From(Failure failure, AttemptLog? attempts, string requestId)
    {
        var row = failure.Row;
        return new ChatError
        {
            Status = row.Status,
            Kind = Kind(row),
            Message = failure.Message,
            Code = row.Code,
            Param = failure.Param,
            Details = Details(failure, attempts, requestId),
        };
    }

    private static List<KeyValuePair<string, string>> Details(Failure failure, AttemptLog? attempts, string requestId)
    {
        List<KeyValuePair<string, string>> details =
        [
            new("fault", Quote(ErrorResponse.Name(failure.Row.Fault))),
            new("step", Quote(ErrorResponse.Name(failure.Step))),
            new("request_id", Quote(requestId)),
        ];
        if (attempts is { Count: > 0 })
        {
            var buffer = new ArrayBufferWriter<byte>(256);
            using (var writer = new Utf8JsonWriter(buffer, _options))
            {
                attempts.WriteTo(writer);
            }

            // The log writes itself as a member; only its value is wanted here.
            var member = Encoding.UTF8.GetString(buffer.WrittenSpan);
            details.Add(new("attempts", member[(member.IndexOf(':', StringComparison.Ordinal) + 1)..]));
        }

        return details;
    }

    /// <summary>What kind of error a row of the table is.</summary>
    public static ChatErrorKind Kind(in ErrorRow row) => row.Status switch
    {
        401 => ChatErrorKind.Authentication,
        402 => ChatErrorKind.Quota,
        403 => ChatErrorKind.Permission,
        404 => ChatErrorKind.NotFound,
        408 or 504 => ChatErrorKind.Timeout,
        413 => ChatErrorKind.TooLarge,
        429 => ChatErrorKind.RateLimit,
        503 => ChatErrorKind.Overloaded,
        >= 500 => ChatErrorKind.Api,
        _ => ChatErrorKind.InvalidRequest,
    };

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
