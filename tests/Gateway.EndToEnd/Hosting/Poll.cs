using System.Diagnostics;

namespace Gateway.EndToEnd.Hosting;

/// <summary>Waits for what has no event to wait for.</summary>
internal static class Poll
{
    /// <summary>Generous: the machine may be busy with something else.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Asks until the answer is yes.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, Func<string> failure, TimeSpan? limit = null)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > (limit ?? Patience))
            {
                Assert.Fail(failure());
            }

            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Asks until the answer is yes.</summary>
    public static Task UntilAsync(Func<bool> condition, Func<string> failure, TimeSpan? limit = null) =>
        UntilAsync(() => Task.FromResult(condition()), failure, limit);
}
