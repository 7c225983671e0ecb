using Gateway.Dialects.Chat;

namespace Gateway.Edge.Routing.Calls;

/// <summary>What an error answer of a provider means for where the request goes next.</summary>
internal static class Refusal
{
    private const int MostBytes = 16 * 1024;

    public static ChatErrorKind Of(DialectId dialect, int status, ReadOnlyMemory<byte> body)
    {
        var kind = ChatDialects.Get(dialect).ReadError(status, body.Length <= MostBytes ? body : body[..MostBytes]).Kind;
        return status switch
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

    /// <summary>
    /// True when the credential is to blame. A 400 is not believed so far: its words may be the caller's own, quoted, and one caller must not be able to put a
    /// credential out of use for all.
    /// </summary>
    public static bool BlamesCredential(ChatErrorKind kind, int status) =>
        status is 401 or 402 or 403 or 429 && kind is ChatErrorKind.Authentication or ChatErrorKind.Permission or ChatErrorKind.Quota;
}
