using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;

namespace Gateway.Contracts.Tests;

/// <summary>Numbers of persisted enums are part of the ledger's and the snapshot's format: append only.</summary>
public sealed class PersistedEnumStabilityTests
{
    [Fact]
    public void Numbers_never_change()
    {
        Assert.Equal("Unknown=0 Chat=1 Completion=2 Embedding=3 Rerank=4 Moderation=5 CountTokens=6 Image=7 Speech=8 Transcription=9 Passthrough=32 Realtime=33 StoredResponse=34 File=36 Batch=37 McpTool=38", Numbers<Operation>());
        Assert.Equal(
            "Completed=1 Rejected=2 UpstreamError=3 UpstreamUnavailable=4 UpstreamCut=5 ClientCancelled=6 GatewayStopped=7 GatewayKilled=8 BudgetStopped=9 KeyRevoked=10 ContentBlocked=11",
            Numbers<RequestOutcome>());
        Assert.Equal("OpenAI=1 Demo=2 AzureOpenAI=3 Anthropic=4 Gemini=5 VertexAI=6 Bedrock=7 Cohere=8 WatsonX=9 ElevenLabs=10 Deepgram=11", Numbers<ProviderKind>());
        Assert.Equal("Priority=1 Weighted=2 RoundRobin=3 LowestLatency=4 LeastInFlight=5 LowestCost=6 Sticky=7", Numbers<RouteStrategy>());
        Assert.Equal("Drop=1 Reject=2", Numbers<UnsupportedPolicy>());
        Assert.Equal("Error=1 Continue=2", Numbers<CutPolicy>());
        Assert.Equal("None=1 Metadata=2 Bodies=3", Numbers<RequestLogLevel>());
        Assert.Equal("Standard=1 Batch=2 Priority=3 Flex=4", Numbers<ServiceTier>());
        Assert.Equal("Unknown=0 Standard=1 Hd=2 Low=3 Medium=4 High=5", Numbers<ImageQuality>());
        Assert.Equal("Unknown=0 Low=1 Medium=2 High=3", Numbers<WebSearchSize>());
        Assert.Equal("Total=1 Minute=2 Hour=3 Day=4 Week=5 Month=6 Year=7", Numbers<BudgetWindow>());
    }

    private static string Numbers<T>()
        where T : struct, Enum
        => string.Join(' ', Enum.GetValues<T>().Select(v => $"{v}={Convert.ToInt32(v, System.Globalization.CultureInfo.InvariantCulture)}"));
}
