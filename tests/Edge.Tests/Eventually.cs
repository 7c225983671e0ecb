namespace Gateway.Edge.Tests;

/// <summary>Waits for something that happens on another thread, with one generous limit.</summary>
internal static class Eventually
{
    public static async Task TrueAsync(Func<bool> condition, string otherwise)
    {
        var limit = TimeProvider.System.GetTimestamp() + (30 * TimeProvider.System.TimestampFrequency);
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetTimestamp() < limit, otherwise);
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public static async Task TrueAsync(Func<Task<bool>> condition, string otherwise)
    {
        var limit = TimeProvider.System.GetTimestamp() + (30 * TimeProvider.System.TimestampFrequency);
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetTimestamp() < limit, otherwise);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
