using System.Text.Json;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;

namespace Gateway.Contracts.Tests;

/// <summary>Two versions talk to each other during an upgrade: what one does not send has its default for the other.</summary>
public sealed class DefaultsTests
{
    [Fact]
    public void A_snapshot_that_leaves_everything_out_has_the_defaults()
    {
        var snapshot = JsonSerializer.Deserialize("""{"version":7,"settings":{},"providers":[{"id":"p","later":1}]}""", ContractsJson.Default.GatewaySnapshot)!;
        Assert.Equal(GatewaySnapshot.CurrentFormat, snapshot.Format);
        Assert.Empty(snapshot.Keys);
        Assert.Equal(new GatewaySettings().MaxRequestBytes, snapshot.Settings.MaxRequestBytes);
        Assert.Equal(new TimeoutEntry(), snapshot.Providers[0].Timeouts);
        Assert.Equal("Authorization", snapshot.Providers[0].AuthHeader);
    }

    [Fact]
    public void A_usage_record_that_leaves_everything_out_has_the_defaults()
    {
        var record = JsonSerializer.Deserialize("""{"edgeId":"e","records":[{"id":"1","startedAtMicros":2,"operation":"Chat","outcome":"Completed"}]}""", ContractsJson.Default.UsageBatch)!.Records[0];
        Assert.Equal("", record.KeyId);
        Assert.Equal(new TokenUsage(), record.Tokens);
    }

    [Fact]
    public void A_required_member_that_is_missing_is_an_error() =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize("{}", ContractsJson.Default.GatewaySnapshot));
}
