using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Mcp;

namespace Gateway.Governance.Mcp.Servers;

internal sealed class McpServerResource : ResourceType<McpServerEntry, McpServerEntry>
{
    public override string Kind => EntryKinds.McpServer;

    public override string Plural => "mcpServers";

    public override string Segment => "mcp/servers";

    public override JsonTypeInfo<McpServerEntry> StoredJson => Entries.StoredJson.Default.McpServerEntry;

    public override JsonTypeInfo<McpServerEntry> ViewJson => Entries.StoredJson.Default.McpServerEntry;

    public override ImmutableSortedDictionary<string, Stored<McpServerEntry>> Table(ConfigState state) => state.McpServers;

    public override McpServerEntry View(McpServerEntry stored) => stored;

    public override string IdOf(McpServerEntry stored) => stored.Id;

    public override McpServerEntry Read(ObjectReader reader, ReadContext<McpServerEntry> context) =>
        McpServerFields.Read(reader, ReadId(reader, context, made: false, McpIds.MostLength, McpFormats.Id));

    public override void CheckReferences(McpServerEntry stored, EffectiveConfig config, FieldErrors errors)
    {
        if (config.Stored.McpBundles.ContainsKey(stored.Id))
        {
            errors.Add("id", $"is that of a bundle: '/mcp/{stored.Id}' can be only one of the two.");
        }

        foreach (var (field, credential) in McpReferences.Credentials(stored))
        {
            // The credential names the server, so one of the two has to come first: a server may wait for its credential.
            if (config.ProviderOfCredential(credential) is { } owner && owner != stored.Id)
            {
                errors.Add(field, $"is the credential '{credential}' of '{owner}': a secret of one server must not be sent to another.");
            }
        }
    }

    public override IEnumerable<string> Referrers(string id, ConfigState state) =>
        state.Providers.ContainsKey(id) ? [] : state.Credentials.Values.Where(c => c.Value.ProviderId == id).Select(c => $"credential '{c.Value.Id}'");
}
