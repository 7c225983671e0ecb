using Gateway.AppHost.Local.Processes;

namespace Gateway.AppHost.Tests.Local;

public sealed class BackoffTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Waits_double_from_half_a_second_to_thirty_seconds()
    {
        var backoff = new Backoff(_time);

        var waits = Enumerable.Range(0, 9).Select(_ => backoff.Next().TotalSeconds);

        Assert.Equal([0.5, 1, 2, 4, 8, 16, 30, 30, 30], waits);
    }

    [Fact]
    public void A_minute_of_health_starts_the_waits_anew()
    {
        var backoff = new Backoff(_time);
        backoff.Next();
        backoff.Next();
        backoff.Healthy();
        _time.Now += TimeSpan.FromSeconds(60);

        Assert.Equal(0.5, backoff.Next().TotalSeconds);
    }

    [Fact]
    public void Less_than_a_minute_of_health_does_not_nor_does_a_minute_of_not_getting_healthy()
    {
        var backoff = new Backoff(_time);
        backoff.Next();
        backoff.Healthy();
        _time.Now += TimeSpan.FromSeconds(59);
        Assert.Equal(1, backoff.Next().TotalSeconds);

        _time.Now += TimeSpan.FromSeconds(600);
        Assert.Equal(2, backoff.Next().TotalSeconds);
    }
}
