using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Upstream;

/// <summary>A provider ready to be called.</summary>
internal sealed class ProviderRuntime(ProviderEntry entry, HttpMessageInvoker invoker)
{
    private readonly Dictionary<string, Uri> _paths = new(StringComparer.Ordinal);

    public string Id { get; } = entry.Id;

    public ProviderEntry Entry { get; } = entry;

    public TimeoutEntry Timeouts { get; } = entry.Timeouts;

    public HttpMessageInvoker Invoker { get; } = invoker;

    public KeyValuePair<string, string>[] Headers { get; } = [.. entry.Headers];

    /// <summary>Addresses of the operations, made once.</summary>
    public Uri Address(string path) => _paths[path];

    public static ProviderRuntime Create(ProviderEntry entry, HttpMessageInvoker invoker, IEnumerable<string> paths)
    {
        var provider = new ProviderRuntime(entry, invoker);
        var root = entry.Kind == ProviderKind.Demo ? "http://demo.invalid/v1" : entry.BaseUrl.TrimEnd('/');
        foreach (var path in paths)
        {
            provider._paths.Add(path, new Uri(root + path, UriKind.Absolute));
        }

        return provider;
    }
}
