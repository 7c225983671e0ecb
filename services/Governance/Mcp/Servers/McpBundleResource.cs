using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Mcp;

namespace Gateway.Governance.Mcp.Servers;

internal sealed class McpBundleResource : ResourceType<McpBundleEntry, McpBundleEntry>
{
    private const int MostTools = 500;

    public override string Kind => EntryKinds.McpBundle;

    public override string Plural => "mcpBundles";

    public override string Segment => "mcp/bundles";

    public override JsonTypeInfo<McpBundleEntry> StoredJson => Entries.StoredJson.Default.McpBundleEntry;

    public override JsonTypeInfo<McpBundleEntry> ViewJson => Entries.StoredJson.Default.McpBundleEntry;

    public override ImmutableSortedDictionary<string, Stored<McpBundleEntry>> Table(ConfigState state) => state.McpBundles;

    public override McpBundleEntry View(McpBundleEntry stored) => stored;

    public override string IdOf(McpBundleEntry stored) => stored.Id;

    public override McpBundleEntry Read(ObjectReader reader, ReadContext<McpBundleEntry> context)
    {
        var bundle = new McpBundleEntry
        {
            Id = ReadId(reader, context, made: false, McpIds.MostLength, McpFormats.Id),
            Name = reader.Text("name", required: false, Formats.NameLength) ?? "",
            Description = reader.Document("description", McpFormats.DescriptionLength, static _ => null) ?? "",
            Enabled = reader.Boolean("enabled", true),
            Tools = reader.Texts("tools", MostTools, Formats.NameLength, Formats.McpTool),
        };
        if (bundle.Tools.Count == 0 && !reader.Errors.Any)
        {
            reader.Error("tools", $"is required: a list of 1 to {MostTools} entries.");
        }

        return bundle;
    }

    public override void CheckReferences(McpBundleEntry stored, EffectiveConfig config, FieldErrors errors)
    {
        if (config.Stored.McpServers.ContainsKey(stored.Id))
        {
            errors.Add("id", $"is that of a server: '/mcp/{stored.Id}' can be only one of the two.");
        }
    }
}
