using Gateway.Contracts.Configuration;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Tests;

public sealed class ConfigStateTests
{
    [Fact]
    public void What_an_older_build_did_not_write_takes_its_default_and_what_a_newer_one_added_is_skipped()
    {
        var state = ConfigState.Empty.With([Row(EntryKinds.Provider, "p", """{"id":"p","baseUrl":"https://p.test","fromTheFuture":[1]}""")], 7);

        var provider = state.Providers["p"].Value;
        Assert.Equal(("Authorization", true, ProviderKind.OpenAI), (provider.AuthHeader, provider.StreamUsageOption, provider.Kind));
        Assert.Equal(new TimeoutEntry(), provider.Timeouts);
        Assert.Empty(provider.Headers);
    }

    [Fact]
    public void A_deleted_row_takes_the_entry_away_and_the_version_follows_the_rows()
    {
        var one = ConfigState.Empty.With([Row(EntryKinds.Team, "t", """{"id":"t","name":"t"}""", version: 9)], 8);
        var two = one.With([Row(EntryKinds.Team, "t", "", version: 10, deleted: 1)], 10);

        Assert.Equal(9, one.Version);
        Assert.True(one.Teams.ContainsKey("t"));
        Assert.Equal(10, two.Version);
        Assert.Empty(two.Teams);
    }

    [Theory]
    [InlineData(EntryKinds.Provider, "provider")]
    [InlineData(EntryKinds.Credential, "credential")]
    [InlineData(EntryKinds.Deployment, "deployment")]
    [InlineData(EntryKinds.Route, "route")]
    [InlineData(EntryKinds.Team, "team")]
    [InlineData(EntryKinds.Budget, "budget")]
    [InlineData(EntryKinds.Key, "key")]
    [InlineData(EntryKinds.AlertChannel, "channel")]
    [InlineData(EntryKinds.Limit, "limit")]
    [InlineData(EntryKinds.Guardrail, "guardrail")]
    [InlineData(EntryKinds.BillSource, "billSource")]
    [InlineData(EntryKinds.Settings, "settings")]
    public void Persisted_kinds_never_change(string kind, string persisted) => Assert.Equal(persisted, kind);

    private static EntryRow Row(string kind, string id, string body, long version = 7, int deleted = 0)
        => new() { Kind = kind, Id = id, Body = body, Version = version, Deleted = deleted };
}
