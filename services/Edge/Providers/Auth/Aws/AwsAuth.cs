using Gateway.CloudAuth;
using Gateway.CloudAuth.Aws;

namespace Gateway.Edge.Providers.Auth.Aws;

/// <summary>Signs requests with AWS keys.</summary>
internal sealed class AwsAuth(TokenCache<AwsKeys> keys, string region, string service, TimeProvider time) : IUpstreamAuth
{
    public bool SignsBody => true;

    public async ValueTask ApplyAsync(HttpRequestMessage request, ReadOnlyMemory<byte>? body, CancellationToken cancellationToken)
    {
        if (region.Length == 0)
        {
            throw new ProviderAuthException("the AWS region is not known: set the provider's region, or AWS_REGION", credentialFault: false);
        }

        AwsSigner.Sign(request, body ?? ReadOnlyMemory<byte>.Empty, await keys.GetAsync(cancellationToken).ConfigureAwait(false), region, service, time.GetUtcNow());
    }
}
