using System.Globalization;
using System.Net.Http.Headers;
using System.Xml;
using System.Xml.Linq;

namespace Gateway.CloudAuth.Aws;

/// <summary>Assumes roles at AWS's security token service.</summary>
internal sealed class AwsSts(AuthContext context, string region, Uri? endpoint)
{
    private const string Session = "gateway";

    /// <summary>Assumes a role with keys.</summary>
    public async Task<TokenResult<AwsKeys>> AssumeRoleAsync(AwsKeys keys, string role, string? externalId, CancellationToken cancellationToken)
    {
        List<KeyValuePair<string, string>> form =
        [
            new("Action", "AssumeRole"), new("Version", "2011-06-15"), new("RoleArn", role), new("RoleSessionName", Session),
        ];
        if (externalId is { Length: > 0 })
        {
            form.Add(new("ExternalId", externalId));
        }

        using var content = new FormUrlEncodedContent(form);
        var body = await content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        var request = new HttpRequestMessage(HttpMethod.Post, Address()) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        AwsSigner.Sign(request, body, keys, region.Length == 0 ? "us-east-1" : region, "sts", context.Time.GetUtcNow());
        return Read(await context.Http.SendAsync(request, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Assumes a role with the token of a workload, as on EKS.</summary>
    public async Task<TokenResult<AwsKeys>> AssumeRoleWithTokenFileAsync(string file, string role, CancellationToken cancellationToken)
    {
        if (await AuthContext.ReadFileAsync(file, cancellationToken).ConfigureAwait(false) is not { } token)
        {
            return TokenResult<AwsKeys>.Refused("the web identity token file cannot be read");
        }

        return Read(await context.Http.FormAsync(
            Address(),
            [
                new("Action", "AssumeRoleWithWebIdentity"), new("Version", "2011-06-15"), new("RoleArn", role), new("RoleSessionName", Session), new("WebIdentityToken", token.Trim()),
            ],
            cancellationToken).ConfigureAwait(false));
    }

    private Uri Address() => endpoint
        ?? (Uri.TryCreate(context.Variable("AWS_ENDPOINT_URL_STS"), UriKind.Absolute, out var own) ? own : null)
        ?? new Uri(region.Length == 0 ? "https://sts.amazonaws.com/" : $"https://sts.{region}.amazonaws.com{(region.StartsWith("cn-", StringComparison.Ordinal) ? ".cn" : "")}/");

    private static TokenResult<AwsKeys> Read(in TokenAnswer answer)
    {
        var document = Parse(answer.Body);
        string? Text(string name) => document?.Descendants().FirstOrDefault(e => e.Name.LocalName == name)?.Value.Trim();
        if (answer.IsSuccess && Text("AccessKeyId") is { Length: > 0 } id && Text("SecretAccessKey") is { Length: > 0 } secret)
        {
            var expires = DateTimeOffset.TryParse(Text("Expiration"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var end) ? end : DateTimeOffset.MinValue;
            return TokenResult<AwsKeys>.Of(new AwsKeys(id, secret, Text("SessionToken")), expires);
        }

        var code = Text("Code") is { Length: > 0 and <= 64 } named && named.All(char.IsAsciiLetterOrDigit) ? $" ({named})" : "";
        var problem = answer.IsSuccess ? "AWS STS gave an answer without keys" : $"AWS STS answered {answer.Status}{code}";
        return answer.Status is 400 or 401 or 403 ? TokenResult<AwsKeys>.Refused(problem) : TokenResult<AwsKeys>.Unavailable(problem);
    }

    private static XDocument? Parse(byte[] body)
    {
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(body), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            return XDocument.Load(reader);
        }
        catch (XmlException)
        {
            return null;
        }
    }
}
