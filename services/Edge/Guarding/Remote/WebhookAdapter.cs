using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Gateway.Edge.Guarding.Remote;

/// <summary>
/// A service of the operator's own. It gets the texts and says what it found; signed by HMAC-SHA256 over the time and the body with the rule's credential as the key, so that it can tell
/// the gateway from others and a repeated call from a new one.
/// </summary>
internal sealed class WebhookAdapter : IRemoteAdapter
{
    public const string TimeHeader = "x-gateway-timestamp";
    public const string SignatureHeader = "x-gateway-signature";

    public async Task<RemoteAnswer> AskAsync(RemoteQuestion question, RemoteCalls calls, CancellationToken cancellationToken)
    {
        var texts = new JsonArray();
        foreach (var (_, text) in question.Texts)
        {
            texts.Add((JsonNode)new JsonObject
            {
                ["text"] = text.Text,
                ["place"] = Camel(text.Place.ToString()),
                ["source"] = Camel(text.Source.ToString()),
                ["tool"] = text.Tool,
            });
        }

        var body = new JsonObject
        {
            ["policy"] = question.Policy,
            ["rule"] = question.Rule.Index,
            ["requestId"] = question.Asker.TraceIdentifier,
            ["key"] = question.Asker.Key.Id,
            ["team"] = question.Asker.Key.TeamId,
            ["model"] = question.About,
            ["texts"] = texts,
        };
        var secret = RemoteCalls.CredentialOf(question)?.Secret;
        var now = calls.Now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var answer = await calls.PostAsync(question, "", body, (request, bytes) => Sign(request, bytes, secret, now), cancellationToken).ConfigureAwait(false);
        var findings = new List<RemoteFinding>();
        foreach (var found in answer.TryGetProperty("findings", out var list) ? list.EnumerateArray() : [])
        {
            var text = question.Texts[found.TryGetProperty("index", out var index) ? Math.Clamp(index.GetInt32(), 0, question.Texts.Count - 1) : 0];
            findings.Add(new RemoteFinding(
                text.Index,
                found.TryGetProperty("start", out var start) ? start.GetInt32() : 0,
                found.TryGetProperty("length", out var length) ? length.GetInt32() : text.Text.Text.Length,
                found.TryGetProperty("kind", out var kind) ? kind.GetString() ?? "" : "",
                found.TryGetProperty("score", out var score) ? Math.Clamp(score.GetDouble(), 0, 1) : 1));
        }

        if (findings.Count == 0 && answer.TryGetProperty("verdict", out var verdict) && verdict.GetString() is not ("allow" or "pass"))
        {
            findings.Add(RemoteFinding.Whole(question.Texts[0], "verdict", 1));
        }

        return RemoteAnswer.Of(findings);
    }

    /// <summary>The signature of a call: <c>v1=</c> and the HMAC-SHA256 of time, a point and body in hexadecimal digits.</summary>
    public static string Signature(string secret, string time, ReadOnlySpan<byte> body) =>
        "v1=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), (byte[])[.. Encoding.UTF8.GetBytes(time + "."), .. body]));

    private static void Sign(HttpRequestMessage request, byte[] body, string? secret, string time)
    {
        request.Headers.TryAddWithoutValidation(TimeHeader, time);
        if (secret is { Length: > 0 })
        {
            request.Headers.TryAddWithoutValidation(SignatureHeader, Signature(secret, time, body));
        }
    }

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
