using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Providers;

/// <summary>What most adapters have in common.</summary>
internal abstract class ProviderAdapter(ProviderEntry entry) : IProviderAdapter
{
    private readonly KeyValuePair<string, string>[] _headers = [.. entry.Headers];
    private readonly HashSet<string> _dropped = new(entry.DroppedParameters, StringComparer.Ordinal);
    private readonly BodyEdits? _edits = BodyEdits.Create(entry.RenamedParameters, entry.DroppedParameters, []);

    protected ProviderEntry Entry { get; } = entry;

    /// <summary>The configured address without a trailing slash.</summary>
    protected string Root { get; } = entry.BaseUrl.TrimEnd('/');

    public abstract DialectId? ChatDialect(DialectId caller, string model);

    public virtual EmbeddingForm? Embeddings(string model) => null;

    public abstract Uri? Address(in UpstreamTarget target);

    public virtual StreamFraming Framing(in UpstreamTarget target) => StreamFraming.ServerSentEvents;

    public virtual RequestTarget Describe(string model, DialectId dialect, int? maxOutputTokens) => new()
    {
        Model = model,
        Provider = Entry.Like ?? Entry.Id,
        MaxOutputTokens = maxOutputTokens,
        RenamedParameters = Entry.RenamedParameters,
        DroppedParameters = _dropped,
        StreamUsageOption = Entry.StreamUsageOption,
    };

    public virtual BodyEdits? Edits(in UpstreamTarget target) => _edits;

    public virtual string[] PassedHeaders(DialectId dialect) => [];

    public bool SignsBody(DeploymentRuntime deployment) => deployment.Auth.SignsBody;

    public ValueTask PrepareAsync(HttpRequestMessage request, DeploymentRuntime deployment, ReadOnlyMemory<byte>? body, CancellationToken cancellationToken)
    {
        AddOwnHeaders(request);
        foreach (var (name, value) in _headers)
        {
            // What an operator fixed wins over what the adapter or the caller would send.
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return deployment.Auth.ApplyAsync(request, body, cancellationToken);
    }

    /// <summary>Adds headers that every request of this kind of provider has.</summary>
    protected virtual void AddOwnHeaders(HttpRequestMessage request)
    {
    }
}
