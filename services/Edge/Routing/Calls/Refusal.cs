using Gateway.Dialects.Chat;

namespace Gateway.Edge.Routing.Calls;

/// <summary>
/// Tells the refusals apart that another route may do better with. It looks for the words that providers and their frontends use, whatever the shape of the
/// error around them, because a wrong guess costs one call of a fallback that the operator asked for.
/// </summary>
internal static class Refusal
{
    private const int MostBytes = 16 * 1024;

    private static readonly byte[][] _contextLength =
    [
        [.. "context_length_exceeded"u8], [.. "context length"u8], [.. "context window"u8], [.. "prompt is too long"u8], [.. "maximum context"u8],
        [.. "input is too long"u8], [.. "exceeds the maximum number of tokens"u8], [.. "input token count"u8], [.. "too many tokens"u8], [.. "string_above_max_length"u8],
    ];

    private static readonly byte[][] _contentFilter =
        [[.. "content_filter"u8], [.. "content_policy_violation"u8], [.. "content management policy"u8], [.. "ResponsibleAIPolicyViolation"u8], [.. "moderation"u8], [.. "safety_violation"u8]];

    private static readonly byte[][] _quota =
        [[.. "insufficient_quota"u8], [.. "credit balance is too low"u8], [.. "billing_hard_limit"u8], [.. "insufficient credits"u8], [.. "insufficient balance"u8]];

    private static readonly byte[][] _model =
        [[.. "model_not_found"u8], [.. "does not have access to model"u8], [.. "not have access to the model"u8]];

    /// <summary>What kind of refusal an error answer is.</summary>
    public static ChatErrorKind Of(int status, ReadOnlySpan<byte> body)
    {
        body = body[..Math.Min(body.Length, MostBytes)];
        return status switch
        {
            400 or 413 or 422 when Has(body, _contextLength) => ChatErrorKind.ContextLength,
            400 or 403 or 422 when Has(body, _contentFilter) => ChatErrorKind.ContentFilter,
            413 => ChatErrorKind.TooLarge,
            401 => ChatErrorKind.Authentication,
            402 => ChatErrorKind.Quota,
            403 => Has(body, _model) ? ChatErrorKind.NotFound : ChatErrorKind.Permission,
            404 => ChatErrorKind.NotFound,
            408 => ChatErrorKind.Timeout,
            429 => Has(body, _quota) ? ChatErrorKind.Quota : ChatErrorKind.RateLimit,
            503 or 529 => ChatErrorKind.Overloaded,
            >= 500 => ChatErrorKind.Api,
            _ => ChatErrorKind.InvalidRequest,
        };
    }

    private static bool Has(ReadOnlySpan<byte> body, byte[][] words)
    {
        foreach (var word in words)
        {
            if (body.IndexOf(word) >= 0)
            {
                return true;
            }
        }

        return false;
    }
}
