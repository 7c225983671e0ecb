using Gateway.Dialects.Chat;
using Gateway.Edge.Translation;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Routing.Calls;

/// <summary>What an error answer of a provider means for where the request goes next.</summary>
internal static class Refusal
{
    private const int MostBytes = 16 * 1024;

    /// <summary>The error of an attempt that was refused, its kind corrected by its status.</summary>
    public static ChatError Of(UpstreamAttempt attempt)
    {
        var (status, body) = (attempt.Status, attempt.Answer.Body.Memory);
        var error = ProviderErrors.Read(attempt.Dialect, status, body.Length <= MostBytes ? body : body[..MostBytes], attempt.Response);
        return error with { Kind = Kind(error.Kind, status) };
    }

    /// <summary>
    /// True when the credential is to blame. A 400 is not believed so far: its words may be the caller's own, quoted, and one caller must not be able to put a
    /// credential out of use for all. Nor are the words of a 429: many providers call an exhausted minute a quota.
    /// </summary>
    public static bool BlamesCredential(ChatError error, int status) =>
        error.Kind is ChatErrorKind.Authentication or ChatErrorKind.Permission or ChatErrorKind.Quota
        && (status is 401 or 402 or 403 || (status == 429 && error.NamesExhaustedAccount));

    private static ChatErrorKind Kind(ChatErrorKind kind, int status) => status switch
    {
        401 => ChatErrorKind.Authentication,
        402 => ChatErrorKind.Quota,
        403 when kind is not (ChatErrorKind.ContentFilter or ChatErrorKind.ContextLength or ChatErrorKind.NotFound or ChatErrorKind.RateLimit or ChatErrorKind.Quota) => ChatErrorKind.Permission,
        408 => ChatErrorKind.Timeout,
        429 when kind != ChatErrorKind.Quota => ChatErrorKind.RateLimit,
        503 or 529 => ChatErrorKind.Overloaded,
        >= 500 => ChatErrorKind.Api,
        _ => kind,
    };
}
