using Gateway.Contracts;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Guardrails;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Policies;
using Gateway.ServiceDefaults.InternalAuth;
using Gateway.ServiceDefaults.Problems;

namespace Gateway.Guardrails.Checks;

internal static class CheckEndpoints
{
    /// <summary>Above the edge's largest request, since escaping makes texts longer.</summary>
    private const long MaxBodyBytes = 64 * 1024 * 1024;

    public static void AddGuardrails(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(server => server.Limits.MaxRequestBodySize = MaxBodyBytes);
        builder.Services.AddSingleton<GuardrailMetrics>();
    }

    public static void MapGuardrails(this WebApplication app)
        => app.MapPost("/v1/check", CheckAsync).RequireInternalToken();

    private static async Task CheckAsync(HttpContext context)
    {
        var request = await context.ReadJsonOrProblemAsync(ContractsJson.Default.GuardCheckRequest);
        if (request is null)
        {
            return;
        }

        if (CheckValidator.Validate(request) is { } fault)
        {
            await context.WriteProblemAsync(StatusCodes.Status400BadRequest, "invalid_check", "The check cannot be made as asked.", fault);
            return;
        }

        var time = context.RequestServices.GetRequiredService<TimeProvider>();
        var start = time.GetTimestamp();
        List<GuardText> texts = [.. request.Texts.Select(static t => new GuardText(t, GuardrailScope.Input))];
        var outcome = CompiledPolicy.BlockTerms(request.Policy.BlockedTerms) is { } policy ? GuardEngine.Check(texts, policy) : GuardOutcome.Untouched(texts);
        var answer = Answer(outcome);
        context.RequestServices.GetRequiredService<GuardrailMetrics>().Checked(request.Direction, answer.Verdict, time.GetElapsedTime(start));
        await context.Response.WriteAsJsonAsync(answer, ContractsJson.Default.GuardCheckResponse, cancellationToken: context.RequestAborted);
    }

    private static GuardCheckResponse Answer(GuardOutcome outcome) => new()
    {
        Verdict = outcome.Verdict == GuardVerdict.Allow ? GuardCheckVerdict.Allow : GuardCheckVerdict.Block,
        Findings = [.. outcome.Findings.Select(f => new GuardCheckFinding { Detector = f.Detector, Index = f.Index, Start = f.Start, Length = f.Length })],
    };
}
