namespace Gateway.EndToEnd.Hosting;

/// <summary>Tests against a running gateway; they skip where their variant cannot run.</summary>
public abstract class GatewayTests(GatewayFixture gateway) : IAsyncLifetime
{
    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected GatewayFixture Gateway { get; } = gateway;

    public ValueTask InitializeAsync()
    {
        Assert.SkipWhen(Gateway.SkipReason is not null, Gateway.SkipReason ?? "");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
