using Gateway.Contracts.Configuration;

namespace Gateway.CloudAuth.Aws;

/// <summary>
/// Finds the keys to sign with: those configured, or else those of the usual chain, in its order: environment, web identity, profile, container, machine. A role that
/// is configured is assumed with them.
/// </summary>
/// <param name="context">What fetching needs of the world.</param>
/// <param name="identity">What is configured; null for the usual chain.</param>
/// <param name="secret">Secret access key of a configured access key id.</param>
/// <param name="region">Region whose token service is asked; empty for the global one.</param>
/// <param name="stsEndpoint">Another address of the token service, or null.</param>
internal sealed class AwsKeySource(AuthContext context, AwsIdentity? identity, string secret, string region, Uri? stsEndpoint)
{
    private const int MostProfiles = 5;

    private readonly AwsSts _sts = new(context, region, stsEndpoint);
    private readonly AwsMetadata _metadata = new(context);

    /// <summary>Fetches the keys.</summary>
    public async Task<TokenResult<AwsKeys>> FetchAsync(CancellationToken cancellationToken)
    {
        var found = await BaseAsync(cancellationToken).ConfigureAwait(false);
        return identity?.RoleArn is { Length: > 0 } role && found.Value is { } keys
            ? await _sts.AssumeRoleAsync(keys, role, identity.ExternalId, cancellationToken).ConfigureAwait(false)
            : found;
    }

    private Task<TokenResult<AwsKeys>> BaseAsync(CancellationToken cancellationToken) => identity switch
    {
        { AccessKeyId: { Length: > 0 } id } => Task.FromResult(secret.Length > 0
            ? Forever(new AwsKeys(id, secret, identity.SessionToken))
            : TokenResult<AwsKeys>.Refused("the AWS access key has no secret access key")),
        { Profile: { Length: > 0 } profile } => ProfileAsync(profile, MostProfiles, cancellationToken),
        _ => ChainAsync(cancellationToken),
    };

    private async Task<TokenResult<AwsKeys>> ChainAsync(CancellationToken cancellationToken)
    {
        if (context.Variable("AWS_ACCESS_KEY_ID") is { } id && context.Variable("AWS_SECRET_ACCESS_KEY") is { } key)
        {
            return Forever(new AwsKeys(id, key, context.Variable("AWS_SESSION_TOKEN")));
        }

        if (context.Variable("AWS_WEB_IDENTITY_TOKEN_FILE") is { } file && context.Variable("AWS_ROLE_ARN") is { } role)
        {
            return await _sts.AssumeRoleWithTokenFileAsync(file, role, cancellationToken).ConfigureAwait(false);
        }

        var named = context.Variable("AWS_PROFILE");
        if (named is not null || await AwsProfiles.ReadAsync(context, "default", cancellationToken).ConfigureAwait(false) is { } settings && HasKeys(settings))
        {
            return await ProfileAsync(named ?? "default", MostProfiles, cancellationToken).ConfigureAwait(false);
        }

        return await _metadata.OfContainerAsync(cancellationToken).ConfigureAwait(false) ?? await _metadata.OfMachineAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<TokenResult<AwsKeys>> ProfileAsync(string profile, int left, CancellationToken cancellationToken)
    {
        if (await AwsProfiles.ReadAsync(context, profile, cancellationToken).ConfigureAwait(false) is not { } settings)
        {
            return TokenResult<AwsKeys>.Refused($"there is no AWS profile '{profile}'");
        }

        if (settings.TryGetValue("role_arn", out var role))
        {
            if (settings.TryGetValue("web_identity_token_file", out var file))
            {
                return await _sts.AssumeRoleWithTokenFileAsync(file, role, cancellationToken).ConfigureAwait(false);
            }

            var source = settings.GetValueOrDefault("source_profile");
            if (left <= 1)
            {
                return TokenResult<AwsKeys>.Refused($"the AWS profile '{profile}' leads from source to source without end");
            }

            var found = source is null
                ? await OfSourceAsync(settings.GetValueOrDefault("credential_source"), cancellationToken).ConfigureAwait(false)
                : source == profile ? Static(profile, settings) : await ProfileAsync(source, left - 1, cancellationToken).ConfigureAwait(false);
            return found.Value is { } keys
                ? await _sts.AssumeRoleAsync(keys, role, settings.GetValueOrDefault("external_id"), cancellationToken).ConfigureAwait(false)
                : found;
        }

        return Static(profile, settings);
    }

    private async Task<TokenResult<AwsKeys>> OfSourceAsync(string? source, CancellationToken cancellationToken) => source switch
    {
        "Ec2InstanceMetadata" => await _metadata.OfMachineAsync(cancellationToken).ConfigureAwait(false),
        "EcsContainer" => await _metadata.OfContainerAsync(cancellationToken).ConfigureAwait(false) ?? TokenResult<AwsKeys>.Unavailable("this is no container with an AWS role"),
        "Environment" when context.Variable("AWS_ACCESS_KEY_ID") is { } id && context.Variable("AWS_SECRET_ACCESS_KEY") is { } key =>
            Forever(new AwsKeys(id, key, context.Variable("AWS_SESSION_TOKEN"))),
        _ => TokenResult<AwsKeys>.Refused("the AWS profile has a role without a source of keys to assume it with"),
    };

    private static TokenResult<AwsKeys> Static(string profile, IReadOnlyDictionary<string, string> settings) =>
        settings.TryGetValue("aws_access_key_id", out var id) && settings.TryGetValue("aws_secret_access_key", out var key)
            ? Forever(new AwsKeys(id, key, settings.GetValueOrDefault("aws_session_token")))
            : TokenResult<AwsKeys>.Refused($"the AWS profile '{profile}' has no keys; sso and credential_process are not supported");

    private static bool HasKeys(IReadOnlyDictionary<string, string> settings) => settings.ContainsKey("aws_access_key_id") || settings.ContainsKey("role_arn");

    private static TokenResult<AwsKeys> Forever(AwsKeys keys) => TokenResult<AwsKeys>.Of(keys, DateTimeOffset.MaxValue);
}
