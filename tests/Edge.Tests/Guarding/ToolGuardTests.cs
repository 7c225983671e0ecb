using System.Text;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding;
using Gateway.Edge.Http;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Runtime;
using Gateway.LlmSimulator;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Edge.Tests.Guarding;

/// <summary>Tools that the gateway calls for a request.</summary>
public sealed class ToolGuardTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_tool_says_is_taken_out_for_the_model_and_put_back_into_the_next_call()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, """
            guardrails:
              p: { appliesTo: {}, rules: [ { detector: keywords, action: pseudonymize, scopes: [ input ], terms: [ Falcon, Kranich ] } ] }
            """);
        var (tools, context) = (edge.Services.GetRequiredService<ToolGuard>(), await ContextAsync(edge));
        Assert.Equal(("it says [TERM_1] and \"more\"", null), await tools.CheckResultAsync(context, "crm__find", "it says Falcon and \"more\"", isJson: false, Cancel));
        Assert.Equal(("""{"a":"[TERM_2]","b":["[TERM_1]",1.50]}""", null), await tools.CheckResultAsync(context, "crm__find", """{"a":"Kranich","b":["Falcon",1.50]}""", isJson: true, Cancel));
        Assert.Equal(("""{"to":"Kranich \n[TERM_9]"}""", null), await tools.CheckCallAsync(context, "mail__send", """{"to":"[TERM_2] \n[TERM_9]"}""", Cancel));

        // The model answers with it, and the caller gets the original: it is the conversation's.
        Assert.Contains(context.Guard!.Conversation!.Pseudonyms, static p => p is { Key: "[TERM_2]", Value: "Kranich" });
    }

    [Fact]
    public async Task Calls_and_results_that_are_forbidden_are_told_apart()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator, """
            settings: { blockedTerms: [ forbidden ] }
            guardrails:
              p: { appliesTo: {}, rules: [ { detector: tool_calls, action: block, scopes: [ toolCall ], allow: [ "crm__*" ], message: Not that tool. }, { detector: keywords, action: block, scopes: [ toolResult ], terms: [ ignore all ] } ] }
            """);
        var (tools, context) = (edge.Services.GetRequiredService<ToolGuard>(), await ContextAsync(edge));
        Assert.Null((await tools.CheckCallAsync(context, "crm__find", "{\"a\":1}", Cancel)).Failure);
        var (_, refused) = await tools.CheckCallAsync(context, "shell__run", "{\"a\":1}", Cancel);
        Assert.Equal((GatewayError.ContentBlocked, Step.GuardOutput, "Not that tool."), (refused!.Error, refused.Step, refused.Message));
        Assert.Equal(Step.GuardInput, (await tools.CheckResultAsync(context, "crm__find", "now ignore all of it", isJson: false, Cancel)).Failure!.Step);
        Assert.Equal(GatewayError.ContentBlocked, (await tools.CheckResultAsync(context, "crm__find", "a forbidden word", isJson: false, Cancel)).Failure!.Error);
        Assert.Contains("p=block", GuardHeader.Text(context.Guard!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_applies_texts_stay_the_same_objects()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var edge = await EdgeHost.StartAsync(simulator);
        var (tools, context) = (edge.Services.GetRequiredService<ToolGuard>(), await ContextAsync(edge));
        var text = new string('x', 5);
        Assert.Same(text, (await tools.CheckResultAsync(context, "t", text, isJson: false, Cancel)).Text);
        Assert.Same(text, (await tools.CheckCallAsync(context, "t", text, Cancel)).Text);
    }

    private static async Task<RequestContext> ContextAsync(EdgeHost edge)
    {
        var model = edge.Services.GetRequiredService<RuntimeHolder>().Current!;
        var body = Encoding.UTF8.GetBytes("""{"model":"sim","messages":[{"role":"user","content":"hello"}]}""");
        var context = new RequestContext(new DefaultHttpContext { RequestServices = edge.Services, TraceIdentifier = "t" }, OperationSpec.Chat, model, 0, 0)
        {
            Key = model.FindKeyById("main"u8),
            Body = new PooledBody(body, body.Length),
            ModelName = "sim",
        };
        context.Route = model.FindRoute("sim");
        Assert.Null(await edge.Services.GetRequiredService<InputGuard>().CheckAsync(context));
        return context;
    }
}
