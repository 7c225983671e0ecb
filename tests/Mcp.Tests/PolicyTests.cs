using System.Text.Json;
using Gateway.Contracts.Configuration;
using Gateway.Mcp.Flow;
using Gateway.Mcp.Policies;

namespace Gateway.Mcp.Tests;

public sealed class PolicyTests
{
    private static readonly ToolCaller _caller = new() { KeyId = "k", TeamId = "t", CustomerId = "c" };

    [Fact]
    public void Without_a_policy_everything_passes_and_the_key_narrows_it()
    {
        Assert.True(For().MayList("files", "read"));
        Assert.True(For().Decide("files", "read", Json("{}")).IsAllowed);
        var narrow = ToolPolicies.None.For(_caller with { Tools = ["files/read_*"] });
        Assert.False(narrow.MayList("files", "write"));
        Assert.Contains("not for the tool 'files/write'", narrow.Decide("files", "write", Json("{}")).Reason);
        Assert.True(narrow.Decide("files", "read_text", Json("{}")).IsAllowed);
    }

    [Fact]
    public void What_one_policy_takes_no_other_gives()
    {
        var caller = For(
            new McpPolicyEntry { Id = "a", Allow = [Calls("files/*"), Calls("web/*")] },
            new McpPolicyEntry { Id = "b", Name = "No web", AppliesTo = new McpSelector { Teams = ["t"] }, Deny = [Calls("web/*")] },
            new McpPolicyEntry { Id = "c", AppliesTo = new McpSelector { Teams = ["other"] }, Deny = [Calls("*/*")] });
        Assert.True(caller.Decide("files", "read", Json("{}")).IsAllowed);
        var refused = caller.Decide("web", "get", Json("{}"));
        Assert.Equal(("b", false), (refused.PolicyId, refused.IsAllowed));
        Assert.Contains("'No web'", refused.Reason);
        Assert.False(caller.Decide("mail", "send", Json("{}")).IsAllowed);
    }

    [Theory]
    [InlineData("""{"path":"/data/a.txt"}""", true)]
    [InlineData("""{"path":["/data/a","/data/b"]}""", true)]
    [InlineData("""{"path":["/data/a","/etc/b"]}""", false)]
    [InlineData("""{"path":"/data/../etc/passwd"}""", false)]
    [InlineData("""{"path":"/data/..\\etc"}""", false)]
    [InlineData("""{"path":"/data/..hidden"}""", true)]
    [InlineData("""{"path":{"x":"/data/a"}}""", false)]
    [InlineData("""{"path":[]}""", false)]
    [InlineData("""{"path":null}""", false)]
    [InlineData("""{}""", false)]
    [InlineData("""{"path":"/data/a","path":"/etc/passwd"}""", false)]
    public void An_allowed_argument_must_fit_in_every_value(string arguments, bool passes)
    {
        var caller = For(new McpPolicyEntry { Id = "a", Allow = [new McpCallPattern { Tools = ["files/*"], Arguments = [new McpArgumentCondition { Path = "path", Values = ["/data/*"] }] }] });
        Assert.Equal(passes, caller.Decide("files", "read", Json(arguments)).IsAllowed);
    }

    [Theory]
    [InlineData("""{"amount":100}""")]
    [InlineData("""{"amount":1e2}""")]
    [InlineData("""{"amount":100.00}""")]
    [InlineData("""{"amount":"100"}""")]
    [InlineData("""{"amount":[5,100]}""")]
    [InlineData("""{"amount":5,"amount":100}""")]
    public void A_forbidden_value_is_found_however_it_is_written(string arguments)
    {
        var caller = For(new McpPolicyEntry { Id = "a", Deny = [new McpCallPattern { Tools = ["*/*"], Arguments = [new McpArgumentCondition { Path = "amount", Values = ["100"] }] }] });
        Assert.False(caller.Decide("bank", "pay", Json(arguments)).IsAllowed);
        Assert.True(caller.MayList("bank", "pay"));
    }

    [Fact]
    public void A_tool_of_which_every_call_is_forbidden_is_not_listed()
    {
        var caller = For(new McpPolicyEntry
        {
            Id = "a",
            Allow = [new McpCallPattern { Tools = ["files/*"], Arguments = [new McpArgumentCondition { Path = "path", Values = ["/data/*"] }] }],
            Deny = [new McpCallPattern { Tools = ["files/*"], Arguments = [new McpArgumentCondition { Path = "path", Values = ["/d*"] }] }],
        });
        Assert.False(caller.MayList("files", "read"));
    }

    [Fact]
    public void An_administrators_approval_is_stricter_than_the_callers()
    {
        var caller = For(
            new McpPolicyEntry { Id = "a", Approve = [new McpApprovalRule { Calls = Calls("mail/*"), By = McpApproval.Caller }] },
            new McpPolicyEntry { Id = "b", Approve = [new McpApprovalRule { Calls = new McpCallPattern { Tools = ["mail/*"], Arguments = [new McpArgumentCondition { Path = "to", Values = ["*@else.where"] }] } }] });
        Assert.Equal(McpApproval.Caller, caller.Decide("mail", "send", Json("""{"to":"me@home"}""")).Approval);
        Assert.Equal(McpApproval.Admin, caller.Decide("mail", "send", Json("""{"to":"x@else.where"}""")).Approval);
        Assert.Equal(McpApproval.None, caller.Decide("files", "read", Json("{}")).Approval);
        Assert.True(caller.MayList("mail", "send"));
    }

    [Fact]
    public void Data_that_a_session_has_read_does_not_leave_it()
    {
        var flow = new SessionFlow();
        Assert.Null(flow.Conflict("mail/send", [McpLabel.External]));
        flow.Read("web/get", [McpLabel.Untrusted]);
        Assert.Contains("untrusted data by 'web/get'", flow.Conflict("mail/send", [McpLabel.External]));
        Assert.Null(flow.Conflict("files/read", [McpLabel.Private]));
        flow.Read("files/read", [McpLabel.Private]);
        flow.Read("files/other", [McpLabel.Private]);
        Assert.Contains("private data by 'files/read' and untrusted data by 'web/get'", flow.Conflict("mail/send", [McpLabel.External]));
        Assert.Equal(McpFlow.Approve, For().Flow);
        Assert.Equal(McpFlow.Deny, For(new McpPolicyEntry { Id = "a", DataFlow = McpFlow.Allow }, new McpPolicyEntry { Id = "b", DataFlow = McpFlow.Deny }).Flow);
    }

    [Fact]
    public void Of_several_settings_of_a_tool_the_first_that_says_it_counts()
    {
        var server = new McpServerEntry
        {
            Id = "s", Labels = [McpLabel.Private], TimeoutSeconds = 9,
            Tools = [new McpToolSettings { Tool = "a*", PriceNanoUsd = 5 }, new McpToolSettings { Tool = "*", PriceNanoUsd = 7, LimitPerMinute = 3, Labels = [], Approval = McpApproval.Admin }],
        };
        var (a, b) = (ToolSettings.Of(server, "abc"), ToolSettings.Of(server, "b"));
        Assert.Equal((5, 3, 0, McpApproval.Admin), (a.PriceNanoUsd, a.LimitPerMinute, a.Labels.Count, a.Approval));
        Assert.Equal((7, TimeSpan.FromSeconds(9), true), (b.PriceNanoUsd, b.Timeout, b.Enabled));
        Assert.Equal([McpLabel.Private], ToolSettings.Of(server with { Tools = [] }, "b").Labels);
    }

    private static CallerPolicies For(params McpPolicyEntry[] policies) => ToolPolicies.Compile(policies).For(_caller);

    private static McpCallPattern Calls(string tool) => new() { Tools = [tool] };

    private static JsonElement Json(string text) => JsonElement.Parse(text);
}
