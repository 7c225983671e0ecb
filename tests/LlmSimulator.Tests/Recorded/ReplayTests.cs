using Gateway.Recordings;

namespace Gateway.LlmSimulator.Tests.Recorded;

public sealed class ReplayTests
{
    [Fact]
    public async Task Recordings_come_back_byte_for_byte_however_they_are_cut()
    {
        Assert.SkipUnless(Corpus.IsPresent, "the recordings are not beside the project (../shared/data/recorded)");
        await using var client = await Client.StartAsync();
        var recordings = Corpus.All.Recordings;
        for (var i = 0; i < recordings.Count; i += 37)
        {
            using var response = await client.PostAsync(i % 2 == 0 ? "/v1/chat/completions" : "/v1/messages", Client.Chat($"replay-{i}-{i + 1}"));
            Assert.Equal(recordings[i].Status, (int)response.StatusCode);
            Assert.Equal(recordings[i].ResponseBody.ToArray(), await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }

        client.Host.Script("replay=" + Uri.EscapeDataString(recordings[3].Id));
        using var scripted = await client.PostAsync("/v1/chat/completions", Client.Chat("sim"));
        Assert.Equal(recordings[3].ResponseBody.ToArray(), await scripted.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }
}
