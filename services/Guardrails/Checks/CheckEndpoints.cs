using System.Security.Cryptography;
using Gateway.Contracts;
using Gateway.Contracts.Guardrails;
using Gateway.Guardrails.Deep;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Policies;
using Gateway.Guardrails.Texts;
using Gateway.Guardrails.Vault;
using Gateway.ServiceDefaults.InternalAuth;
using Gateway.ServiceDefaults.Logging;
using Gateway.ServiceDefaults.Problems;
using Gateway.ServiceDefaults.Stores;

namespace Gateway.Guardrails.Checks;

internal static class CheckEndpoints
{
    /// <summary>Above the edge's largest request, since escaping makes texts longer.</summary>
    private const long MaxBodyBytes = 64 * 1024 * 1024;

    public static void AddGuardrails(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(server => server.Limits.MaxRequestBodySize = MaxBodyBytes);
        builder.AddGatewayRedis(StoreNeed.Optional);
        var services = builder.Services;
        services.AddLogLevelFollower();
        services.AddSingleton<GuardrailMetrics>().AddSingleton<PolicyBook>().AddSingleton(static _ => new DeepInjection());
        services.AddSingleton(static s => new VaultKeys(HKDF.DeriveKey(HashAlgorithmName.SHA256, System.Text.Encoding.UTF8.GetBytes(s.GetRequiredService<InternalToken>().Value), 32, salt: null, info: "gateway guardrail service vault"u8.ToArray())));
        services.AddSingleton<IVaultStore>(VaultStores.Create);
    }

    public static void MapGuardrails(this WebApplication app)
    {
        app.MapPost("/v1/check", CheckAsync).RequireInternalToken();
        app.MapPost("/v1/policies", AddPoliciesAsync).RequireInternalToken();
        app.MapGet("/v1/policies", static (PolicyBook book) => Results.Json(new GuardPoliciesResponse { Policies = book.All() }, ContractsJson.Default.GuardPoliciesResponse)).RequireInternalToken();
        app.MapTexts();
        app.MapVault();
    }

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

        var book = context.RequestServices.GetRequiredService<PolicyBook>();
        var policies = new List<CompiledPolicy>();
        foreach (var reference in request.Policies)
        {
            if (book.Find(reference) is not { } policy)
            {
                await context.WriteProblemAsync(StatusCodes.Status409Conflict, "unknown_policy", "A policy of the check is not known here (any more).", $"Send '{reference}' with POST /v1/policies, then ask again.");
                return;
            }

            policies.Add(policy);
        }

        var time = context.RequestServices.GetRequiredService<TimeProvider>();
        var start = time.GetTimestamp();
        var texts = TextMapping.TextsOf(request);
        var outcome = CompiledPolicy.BlockTerms(request.Policy?.BlockedTerms ?? []) is { } terms ? GuardEngine.Check(texts, terms) : GuardOutcome.Untouched(texts);
        foreach (var policy in policies.TakeWhile(_ => outcome.Verdict != GuardVerdict.Block))
        {
            using var run = GuardEngine.Begin(outcome.Texts, policy, new GuardContext { SystemPrompts = request.SystemPrompts, Clock = time });
            await DeepRules.RunAsync(context.RequestServices.GetRequiredService<DeepInjection>(), run, outcome.Texts, policy, time, context.RequestAborted);
            outcome = GuardEngine.Combine(outcome, run.Conclude());
        }

        var answer = TextMapping.Answer(outcome, texts);
        context.RequestServices.GetRequiredService<GuardrailMetrics>().Checked(request.Direction, answer, time.GetElapsedTime(start));
        await context.Response.WriteAsJsonAsync(answer, ContractsJson.Default.GuardCheckResponse, cancellationToken: context.RequestAborted);
    }

    private static async Task AddPoliciesAsync(HttpContext context)
    {
        var request = await context.ReadJsonOrProblemAsync(ContractsJson.Default.GuardPoliciesRequest);
        if (request is null)
        {
            return;
        }

        if (request.Policies.Count is 0 or > GuardPoliciesRequest.MaxPolicies || request.Policies.Any(static p => p is null))
        {
            await context.WriteProblemAsync(StatusCodes.Status400BadRequest, "invalid_policies", "The policies cannot be taken up.", $"$.policies must hold 1 to {GuardPoliciesRequest.MaxPolicies} policies.");
            return;
        }

        var book = context.RequestServices.GetRequiredService<PolicyBook>();
        var references = new List<GuardPolicyReference>();
        for (var i = 0; i < request.Policies.Count; i++)
        {
            var (reference, problems) = book.Add(request.Policies[i]);
            if (reference is null)
            {
                await context.WriteProblemAsync(StatusCodes.Status400BadRequest, "invalid_policies", "The policies cannot be taken up.", $"$.policies[{i}].{problems[0].Path}: {problems[0].Message}");
                return;
            }

            references.Add(reference);
        }

        await context.Response.WriteAsJsonAsync(new GuardPoliciesResponse { Policies = references }, ContractsJson.Default.GuardPoliciesResponse, cancellationToken: context.RequestAborted);
    }
}
