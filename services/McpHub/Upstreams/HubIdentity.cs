using System.Text;
using Gateway.McpHub.Protocol;
using Gateway.ServiceDefaults;

namespace Gateway.McpHub.Upstreams;

/// <summary>What the hub calls itself, towards servers and clients alike.</summary>
internal sealed class HubIdentity(ServiceIdentity service)
{
    /// <summary>Name and version, as the protocol's <c>Implementation</c> object.</summary>
    public byte[] Json { get; } = Encoding.UTF8.GetBytes($$"""{"name":"gateway","version":"{{service.Version}}"}""");

    /// <summary>The newest revision, as JSON.</summary>
    public byte[] Version2026 { get; } = JsonBytes.Text(Revisions.V2026);
}
