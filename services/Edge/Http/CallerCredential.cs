using Microsoft.Extensions.Primitives;

namespace Gateway.Edge.Http;

/// <summary>Finds the caller's key in the headers that the SDKs of the various providers use.</summary>
internal static class CallerCredential
{
    private const string Bearer = "Bearer ";

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

            if (!only.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            {
                problem = "The Authorization header must have the form 'Bearer KEY'.";
                return false;
            }

            credential = only.AsSpan(Bearer.Length).Trim();
            return !credential.IsEmpty;
        }

        return TryPlain(headers, "x-api-key", out credential)
            || TryPlain(headers, "api-key", out credential)
            || TryPlain(headers, "x-goog-api-key", out credential);
    }

    private static bool TryPlain(IHeaderDictionary headers, string name, out ReadOnlySpan<char> credential)
    {
        var values = headers[name];
        credential = StringValues.IsNullOrEmpty(values) ? default : values[0].AsSpan().Trim();
        return !credential.IsEmpty;
    }
}
