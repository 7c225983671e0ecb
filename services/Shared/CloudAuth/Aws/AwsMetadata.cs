using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Gateway.CloudAuth.Aws;

/// <summary>Keys of the role that AWS gives to a container (ECS, EKS Pod Identity) or a machine (EC2, version 2 of its metadata service).</summary>
internal sealed class AwsMetadata(AuthContext context)
{
    /// <summary>Keys of the container's role, or null when the environment names none.</summary>
    public async Task<TokenResult<AwsKeys>?> OfContainerAsync(CancellationToken cancellationToken)
    {
        var address = context.Variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") is { } path ? "http://169.254.170.2" + path : context.Variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
        if (address is null)
        {
            return null;
        }

        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            return TokenResult<AwsKeys>.Refused("AWS_CONTAINER_CREDENTIALS_FULL_URI is no absolute address");
        }

        var request = new HttpRequestMessage(HttpMethod.Get, uri);
        var token = context.Variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") is { } file
            ? (await AuthContext.ReadFileAsync(file, cancellationToken).ConfigureAwait(false))?.Trim()
            : context.Variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
        if (token is { Length: > 0 })
        {
            request.Headers.TryAddWithoutValidation("Authorization", token);
        }

        return Read("the container's credential service", await context.Http.MetadataAsync(request, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Keys of the machine's role.</summary>
    public async Task<TokenResult<AwsKeys>> OfMachineAsync(CancellationToken cancellationToken)
    {
        const string none = "there is no AWS credential: no keys, profile, web identity or container role, and no metadata service";
        if (string.Equals(context.Variable("AWS_EC2_METADATA_DISABLED"), "true", StringComparison.OrdinalIgnoreCase))
        {
            return TokenResult<AwsKeys>.Unavailable(none);
        }

        var root = (context.Variable("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? "http://169.254.169.254").TrimEnd('/');
        try
        {
            var login = new HttpRequestMessage(HttpMethod.Put, root + "/latest/api/token");
            login.Headers.TryAddWithoutValidation("X-aws-ec2-metadata-token-ttl-seconds", "21600");
            var session = await context.Http.MetadataAsync(login, cancellationToken).ConfigureAwait(false);
            if (!session.IsSuccess)
            {
                return TokenResult<AwsKeys>.Unavailable($"the EC2 metadata service answered {session.Status}");
            }

            const string roles = "/latest/meta-data/iam/security-credentials/";
            var role = await GetAsync(root + roles, session.Body, cancellationToken).ConfigureAwait(false);
            var name = Encoding.UTF8.GetString(role.Body).Trim().Split('\n')[0].Trim();
            return role.IsSuccess && name.Length > 0
                ? Read("the EC2 metadata service", await GetAsync(root + roles + Uri.EscapeDataString(name), session.Body, cancellationToken).ConfigureAwait(false))
                : TokenResult<AwsKeys>.Unavailable("this machine has no AWS role");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return TokenResult<AwsKeys>.Unavailable(none);
        }
    }

    private Task<TokenAnswer> GetAsync(string address, byte[] session, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.TryAddWithoutValidation("X-aws-ec2-metadata-token", Encoding.ASCII.GetString(session).Trim());
        return context.Http.MetadataAsync(request, cancellationToken);
    }

    private static TokenResult<AwsKeys> Read(string who, in TokenAnswer answer)
    {
        if (answer.IsSuccess && answer.Object() is { } body && Text(body, "AccessKeyId") is { } id && Text(body, "SecretAccessKey") is { } secret)
        {
            var expires = DateTimeOffset.TryParse(Text(body, "Expiration"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var end) ? end : DateTimeOffset.MaxValue;
            return TokenResult<AwsKeys>.Of(new AwsKeys(id, secret, Text(body, "Token")), expires);
        }

        return TokenResult<AwsKeys>.Unavailable(answer.IsSuccess ? $"{who} gave an answer without keys" : $"{who} answered {answer.Status}");
    }

    private static string? Text(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
