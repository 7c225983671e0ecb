using Microsoft.Extensions.Primitives;

namespace Gateway.Edge.Http;

/// <summary>
/// Finds the caller's key where the SDKs of the various providers put it. A request signed for AWS (SigV4) carries no secret that could be checked: the signature
/// proves the possession of one that the gateway keeps only as a hash, and an access key id is no secret, for it is shown in logs. Such a
/// request needs a header with the key besides, or a bearer token in place of the signature.
/// </summary>
internal static class CallerCredential
{
    private const string Bearer = "Bearer ";
    private const string AwsSignature = "AWS4-HMAC-SHA256";

    /// <summary>Reads the credential.</summary>
    /// <returns>False when there is none, or when <paramref name="problem"/> says what is wrong with it.</returns>
    public static bool TryRead(IHeaderDictionary headers, out ReadOnlySpan<char> credential, out string? problem)
    {
        credential = default;
        problem = null;
        var authorization = headers.Authorization;
        if (!StringValues.IsNullOrEmpty(authorization))
        {
            if (authorization is not [{ } only])
            {
                problem = "There is more than one Authorization header; send one.";
                return false;
            }

            if (string.Equals(only, "Bearer", StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }

            if (only.StartsWith(AwsSignature, StringComparison.Ordinal))
            {
                problem = TryHeader(headers, out credential) ? null : "The request is signed for AWS, which says nothing to this gateway. Send a virtual key as a bearer token instead (AWS_BEARER_TOKEN_BEDROCK) or in x-api-key.";
                return problem is null;
            }

            if (!only.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            {
                problem = "The Authorization header must have the form 'Bearer KEY'.";
                return false;
            }

            credential = only.AsSpan(Bearer.Length).Trim();
            return !credential.IsEmpty;
        }

        return TryHeader(headers, out credential);
    }

    /// <summary>Reads the credential of a Gemini client, which may be in the address. No other client's is looked for there: addresses end up in logs.</summary>
    public static bool TryReadQuery(HttpRequest request, out ReadOnlySpan<char> credential)
    {
        credential = request.Query["key"] is [{ } only] ? only.AsSpan().Trim() : default;
        return !credential.IsEmpty;
    }

    private static bool TryHeader(IHeaderDictionary headers, out ReadOnlySpan<char> credential) =>
        TryPlain(headers, "x-api-key", out credential)
        || TryPlain(headers, "api-key", out credential)
        || TryPlain(headers, "x-goog-api-key", out credential);

    private static bool TryPlain(IHeaderDictionary headers, string name, out ReadOnlySpan<char> credential)
    {
        var values = headers[name];
        credential = StringValues.IsNullOrEmpty(values) ? default : values[0].AsSpan().Trim();
        return !credential.IsEmpty;
    }
}
