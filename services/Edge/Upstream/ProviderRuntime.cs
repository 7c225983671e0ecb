using Gateway.Contracts.Configuration;
using Gateway.Edge.Providers;

namespace Gateway.Edge.Upstream;

/// <summary>A provider ready to be called.</summary>
internal sealed class ProviderRuntime(ProviderEntry entry, HttpMessageInvoker invoker)
{
    public string Id { get; } = entry.Id;

    public ProviderEntry Entry { get; } = entry;

    public TimeoutEntry Timeouts { get; } = entry.Timeouts;

    public HttpMessageInvoker Invoker { get; } = invoker;

    /// <summary>How the provider is spoken to.</summary>
    public IProviderAdapter Adapter { get; } = ProviderAdapters.Create(entry);
}
