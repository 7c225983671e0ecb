using Gateway.ServiceDefaults.Rounds;

namespace Gateway.ServiceDefaults.Tests;

public sealed class IntervalServiceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rounds_go_on_after_faults_of_any_kind_and_end_with_the_service(bool atOnce)
    {
        using var service = new Rounds(atOnce);
        await service.StartAsync(Cancel);
        await service.Enough.Task.WaitAsync(Cancel);
        await service.StopAsync(Cancel);
        Assert.Equal(
            ["before", "round", "round", "failed IOException again=False", "round", "failed TaskCanceledException again=True", "round", "round", "failed IOException again=False"],
            service.Seen.Take(9));
    }

    [Fact]
    public void An_interval_of_nothing_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(static () => new Rounds(false, TimeSpan.Zero));

    private sealed class Rounds(bool atOnce, TimeSpan? interval = null) : IntervalService(interval ?? TimeSpan.FromMilliseconds(1), TimeProvider.System, atOnce)
    {
        private int _round;

        public List<string> Seen { get; } = [];

        public TaskCompletionSource Enough { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override Task BeforeAsync(CancellationToken cancellation)
        {
            Seen.Add("before");
            return Task.CompletedTask;
        }

        protected override Task RoundAsync(CancellationToken cancellation)
        {
            Seen.Add("round");
            return ++_round switch
            {
                2 => Task.FromException(new IOException()),
                // As a call that takes too long ends: it is not the service that stops.
                3 => Task.FromException(new TaskCanceledException()),
                5 => Task.FromException(new IOException()),
                6 => Done(),
                _ => Task.CompletedTask,
            };
        }

        protected override void Failed(Exception fault, bool again) => Seen.Add($"failed {fault.GetType().Name} again={again}");

        private Task Done()
        {
            Enough.TrySetResult();
            return Task.CompletedTask;
        }
    }
}
