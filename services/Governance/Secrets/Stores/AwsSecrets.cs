using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.CloudAuth;
using Gateway.CloudAuth.Aws;
using Gateway.Contracts.Configuration;

namespace Gateway.Governance.Secrets.Stores;

/// <summary>Secrets in AWS Secrets Manager, read with the keys of the usual chain, or a role that is assumed with them.</summary>
internal sealed class AwsSecrets(AuthContext context) : ISecretStore
{
    private const string Service = "secretsmanager";
    private readonly ConcurrentDictionary<(string Region, string? Role), TokenCache<AwsKeys>> _keys = new();

    public SecretKind Kind => SecretKind.AwsSecretsManager;

    public async Task<SecretRead> ReadAsync(SecretReference reference, CancellationToken cancellation)
    {
        if (Region(reference) is not { } region)
        {
            return SecretRead.Refused("its region is not known: set region, or AWS_REGION");
        }

        AwsKeys keys;
        try
        {
            keys = await _keys.GetOrAdd((region, reference.RoleArn), Keys).GetAsync(cancellation).ConfigureAwait(false);
        }
        catch (ProviderAuthException fault)
        {
            return fault.CredentialFault ? SecretRead.Refused(fault.Message) : SecretRead.Unavailable(fault.Message);
        }

        var asked = new JsonObject { ["SecretId"] = reference.Id };
        if (reference.Version is { } version)
        {
            // Stages are names, as AWSPREVIOUS; ids of versions have at least 32 characters.
            asked[version.Length >= 32 ? "VersionId" : "VersionStage"] = version;
        }

        var body = Encoding.UTF8.GetBytes(asked.ToJsonString());
        using var request = new HttpRequestMessage(HttpMethod.Post, Address(reference, region)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-amz-json-1.1");
        request.Headers.TryAddWithoutValidation("X-Amz-Target", "secretsmanager.GetSecretValue");
        AwsSigner.Sign(request, body, keys, region, Service, context.Time.GetUtcNow());
        var answer = await context.Http.SendAsync(request, cancellation).ConfigureAwait(false);
        var content = answer.Object();
        if (answer.IsSuccess && content is { } found)
        {
            return SecretAnswers.Text(found, "SecretString") is { } text ? SecretRead.Found(text).Member(reference.Field)
                : SecretAnswers.Text(found, "SecretBinary") is { } binary ? Binary(binary).Member(reference.Field)
                : SecretRead.Unavailable("AWS Secrets Manager gave an answer without a value");
        }

        var code = content is { } wrong ? SecretAnswers.Text(wrong, "__type")?.Split('#')[^1] : null;
        var said = "AWS Secrets Manager " + SecretAnswers.Said(answer, code);
        return code == "ResourceNotFoundException" ? SecretRead.NotFound(said)
            : answer.Status is 400 or 401 or 403 && code is not ("ThrottlingException" or "RequestLimitExceeded") ? SecretRead.Refused(said)
            : SecretRead.Unavailable(said);
    }

    private string? Region(SecretReference reference)
        => reference.Region
            ?? (reference.Id!.Split(':') is ["arn", _, Service, { Length: > 0 } named, ..] ? named : null)
            ?? context.Variable("AWS_REGION") ?? context.Variable("AWS_DEFAULT_REGION");

    private Uri Address(SecretReference reference, string region)
        => new(reference.Address ?? context.Variable("AWS_ENDPOINT_URL_SECRETS_MANAGER")
            ?? $"https://{Service}.{region}.amazonaws.com{(region.StartsWith("cn-", StringComparison.Ordinal) ? ".cn" : "")}/");

    private TokenCache<AwsKeys> Keys((string Region, string? Role) of)
        => new(new AwsKeySource(context, of.Role is null ? null : new AwsIdentity { RoleArn = of.Role }, "", of.Region, null).FetchAsync, context.Time);

    private static SecretRead Binary(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? SecretRead.Found(Encoding.UTF8.GetString(bytes, 0, length)) : SecretRead.Invalid("it is binary and no base64");
    }
}
