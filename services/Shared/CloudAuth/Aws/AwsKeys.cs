namespace Gateway.CloudAuth.Aws;

/// <summary>Keys that requests to AWS are signed with.</summary>
/// <param name="accessKeyId">Access key id.</param>
/// <param name="secretAccessKey">Secret access key.</param>
/// <param name="sessionToken">Session token of temporary keys, or null.</param>
internal sealed class AwsKeys(string accessKeyId, string secretAccessKey, string? sessionToken)
{
    /// <summary>Access key id.</summary>
    public string AccessKeyId { get; } = accessKeyId;

    /// <summary>Secret access key.</summary>
    public string SecretAccessKey { get; } = secretAccessKey;

    /// <summary>Session token of temporary keys, or null.</summary>
    public string? SessionToken { get; } = sessionToken;
}
