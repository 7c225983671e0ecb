using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.CloudAuth.Aws;

/// <summary>AWS Signature Version 4, in the form of all services but S3: the path is encoded once more than it is sent.</summary>
internal static class SigV4
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>The value of the header <c>Authorization</c>.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">The address's path as it is sent.</param>
    /// <param name="query">The address's query as it is sent, with or without its question mark.</param>
    /// <param name="headers">Every header to sign, <c>host</c> and <c>x-amz-date</c> among them; several of one name are joined in order.</param>
    /// <param name="body">The body.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="region">Region of the service.</param>
    /// <param name="service">Name of the service in signatures.</param>
    /// <param name="time">When the request is made, as in <c>x-amz-date</c>.</param>
    public static string Authorization(
        string method, string path, string query, IEnumerable<(string Name, string Value)> headers, ReadOnlySpan<byte> body, AwsKeys keys, string region, string service, DateTimeOffset time)
    {
        var canonical = CanonicalRequest(method, CanonicalPath(path), CanonicalQuery(query), headers, body, out var signed);
        var date = time.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        var scope = $"{date}/{region}/{service}/aws4_request";
        var toSign = $"{Algorithm}\n{AmzDate(time)}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = HMACSHA256.HashData(Encoding.UTF8.GetBytes("AWS4" + keys.SecretAccessKey), Encoding.UTF8.GetBytes(date));
        key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(region));
        key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(service));
        key = HMACSHA256.HashData(key, "aws4_request"u8);
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
        return $"{Algorithm} Credential={keys.AccessKeyId}/{scope}, SignedHeaders={signed}, Signature={signature}";
    }

    /// <summary>A moment as <c>x-amz-date</c> writes it.</summary>
    public static string AmzDate(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The canonical request of the specification, and the list of signed headers.</summary>
    private static string CanonicalRequest(
        string method, string path, string query, IEnumerable<(string Name, string Value)> headers, ReadOnlySpan<byte> body, out string signed)
    {
        var sorted = headers
            .GroupBy(static h => h.Name.ToLowerInvariant(), static h => Trimmed(h.Value), StringComparer.Ordinal)
            .OrderBy(static g => g.Key, StringComparer.Ordinal)
            .ToList();
        signed = string.Join(';', sorted.Select(static g => g.Key));
        var text = new StringBuilder(method).Append('\n').Append(path).Append('\n').Append(query).Append('\n');
        foreach (var header in sorted)
        {
            text.Append(header.Key).Append(':').AppendJoin(',', header).Append('\n');
        }

        return text.Append('\n').Append(signed).Append('\n').Append(Convert.ToHexStringLower(SHA256.HashData(body))).ToString();
    }

    /// <summary>The path of the canonical request: every segment of what is sent, encoded again.</summary>
    private static string CanonicalPath(string sent) => sent.Length == 0 ? "/" : string.Join('/', sent.Split('/').Select(Uri.EscapeDataString));

    /// <summary>The query of the canonical request: pairs in order of their encoded names and values.</summary>
    private static string CanonicalQuery(string sent) => string.Join('&', sent
        .TrimStart('?')
        .Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(static pair => pair.Split('=', 2))
        .Select(static pair => (Name: Recoded(pair[0]), Value: pair.Length == 2 ? Recoded(pair[1]) : ""))
        .OrderBy(static pair => pair.Name, StringComparer.Ordinal)
        .ThenBy(static pair => pair.Value, StringComparer.Ordinal)
        .Select(static pair => $"{pair.Name}={pair.Value}"));

    private static string Recoded(string text) => Uri.EscapeDataString(Uri.UnescapeDataString(text));

    // Runs of blanks count as one.
    private static string Trimmed(string value) => string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Trim();
}
