using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Routing.Health;

/// <summary>The health of deployments, credentials and providers. It survives changes of configuration, by identity.</summary>
internal sealed class RoutingState(TimeProvider time)
{
    private const int MostKept = 20_000;

    private readonly ConcurrentDictionary<string, DeploymentHealth> _deployments = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, CredentialHealth> _credentials = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Bulkhead> _bulkheads = new(StringComparer.Ordinal);
    private HealthSettings _settings = new();
    private TaskCompletionSource _changed = New();

    public HealthSettings Settings
    {
        get => Volatile.Read(ref _settings);
        set => Volatile.Write(ref _settings, value);
    }

    public IEnumerable<KeyValuePair<string, DeploymentHealth>> Deployments => _deployments;

    public IEnumerable<KeyValuePair<string, CredentialHealth>> Credentials => _credentials;

    /// <summary>False when so much is kept that nothing is to be added for the sake of a caller's words.</summary>
    public bool HasRoom => _deployments.Count < MostKept;

    /// <summary>Completes at the next change of somebody's availability.</summary>
    public Task NextChange => Volatile.Read(ref _changed).Task;

    public DeploymentHealth Deployment(string id) => _deployments.GetOrAdd(id, static (_, s) => new DeploymentHealth(s.State, s.Time), (State: this, Time: time));

    /// <summary>The health of the credential of a deployment in a snapshot; a new one when the secret has changed, or the credential or its provider was saved again.</summary>
    public CredentialHealth Credential(GatewaySnapshot snapshot, DeploymentEntry deployment, string secret)
    {
        var saved = snapshot.Revisions.GetValueOrDefault("credential:" + deployment.CredentialId);
        var providerSaved = snapshot.Revisions.GetValueOrDefault("provider:" + deployment.ProviderId);
        return Credential(CredentialId(deployment), secret, $"{saved}.{providerSaved}");
    }

    /// <summary>The id a deployment's credential is known by. A deployment without one has one all the same, so that its 401 and 429 have a place.</summary>
    public static string CredentialId(DeploymentEntry deployment) => deployment.CredentialId ?? "deployment:" + deployment.Id;

    /// <summary>The health of a credential; a new one when the secret or its revision has changed.</summary>
    public CredentialHealth Credential(string id, string secret, string revision = "")
    {
        var fingerprint = Fingerprint(id, secret, revision);
        return _credentials.AddOrUpdate(
            id,
            static (_, s) => new CredentialHealth(s.Fingerprint, s.State, s.Time),
            static (_, known, s) => known.Fingerprint == s.Fingerprint ? known : new CredentialHealth(s.Fingerprint, s.State, s.Time),
            (Fingerprint: fingerprint, State: this, Time: time));
    }

    public DeploymentHealth? FindDeployment(string id) => _deployments.GetValueOrDefault(id);

    public CredentialHealth? FindCredential(string id) => _credentials.GetValueOrDefault(id);

    /// <summary>The bulkhead of a provider, or null when its calls are not bounded.</summary>
    public Bulkhead? Bulkhead(string providerId, int? limit) => limit is not { } most
        ? null
        : _bulkheads.AddOrUpdate(providerId, static (_, m) => new Bulkhead(m), static (_, known, m) => known.Limit == m ? known : new Bulkhead(m), most);

    public void Changed() => Interlocked.Exchange(ref _changed, New()).TrySetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static string Fingerprint(string id, string secret, string revision) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{id}\n{secret}\n{revision}")).AsSpan(0, 8));
}
