using Gateway.LlmSimulator.Answers;
using Gateway.LlmSimulator.Behaviour;

namespace Gateway.LlmSimulator.Tests;

public sealed class FaultDrawTests
{
    [Fact]
    public void The_share_of_answers_with_a_fault_is_the_one_asked_for_and_every_kind_comes_up()
    {
        var behaviour = SimulatorBehaviour.Default with { Faults = 30 };
        var drawn = Enumerable.Range(1, 4_000).Select(n => FaultDraw.Of(behaviour, 16, n)).OfType<SimulatorBehaviour>().ToList();

        Assert.InRange(drawn.Count, 1_100, 1_300);
        Assert.All(drawn, d => Assert.NotEqual(behaviour, d));
        Assert.Contains(drawn, d => d.Status == 429);
        Assert.Contains(drawn, d => d.Cut is not null && d.Reset);
        Assert.Contains(drawn, d => d.Truncate is not null);
        Assert.Contains(drawn, d => d.Stall == StallPhase.End);
        Assert.Null(FaultDraw.Of(SimulatorBehaviour.Default, 16, 1));
    }

    [Fact]
    public async Task The_bill_names_the_user_of_each_request()
    {
        await using var host = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var http = new HttpClient();
        foreach (var body in (string[])[
            """{"model":"sim","user":"one","messages":[{"role":"user","content":"hello"}]}""",
            """{"model":"sim?rate=1000","user":"two","stream":true,"messages":[{"role":"user","content":"hello"}]}"""])
        {
            using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            using var response = await http.PostAsync(host.BaseUrl + "/chat/completions", content, TestContext.Current.CancellationToken);
            _ = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }

        // The line of a stream is written once its last byte has left.
        await Eventually.TrueAsync(() => host.Bill.Lines.Count == 2);
        Assert.Equal(["one", "two"], host.Bill.Lines.Select(l => l.User).Order());
    }
}
