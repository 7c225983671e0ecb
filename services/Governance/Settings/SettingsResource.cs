using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Settings;

/// <summary>The settings as an entry like any other, for what treats all kinds alike. Their own addresses are mapped by <see cref="SettingsEndpoints"/>.</summary>
internal sealed class SettingsResource : ResourceType<GatewaySettings, GatewaySettings>
{
    public override string Kind => EntryKinds.Settings;

    public override string Plural => "settings";

    public override JsonTypeInfo<GatewaySettings> StoredJson => Entries.StoredJson.Default.GatewaySettings;

    public override JsonTypeInfo<GatewaySettings> ViewJson => Entries.StoredJson.Default.GatewaySettings;

    public override IReadOnlyList<string> ReadOnlyFields => [IdField];

    public override ImmutableSortedDictionary<string, Stored<GatewaySettings>> Table(ConfigState state) => state.Settings;

    public override GatewaySettings View(GatewaySettings stored) => stored;

    public override string IdOf(GatewaySettings stored) => SettingsEndpoints.Only;

    public override GatewaySettings Read(ObjectReader reader, ReadContext<GatewaySettings> context) => SettingsEndpoints.Read(reader);
}
