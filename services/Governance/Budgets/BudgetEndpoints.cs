using Gateway.Budgets;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Audit;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Budgets;

/// <summary>What budgets have besides the common operations.</summary>
internal static class BudgetEndpoints
{
    private const int ReasonLength = 256;
    private static readonly TimeSpan _keptAfterExpiry = TimeSpan.FromDays(30);

    public static void MapBudgetOperations(this RouteGroupBuilder budgets, BudgetResource type)
    {
        budgets.MapGet("/states", async (HttpContext context, BudgetStates states, ConfigStore store, ICurrentActor actors, int? limit, string? after) =>
            {
                if (Paging.Wrong(limit) is { } wrong)
                {
                    return wrong.ToResult();
                }

                var (items, next) = await states.ListAsync(
                    limit ?? ResourceEndpoints.DefaultLimit, after, Seen(actors.Current, await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false)), context.RequestAborted).ConfigureAwait(false);
                return Results.Json(new BudgetStatePage { Items = items, Next = next }, BudgetJson.Default.BudgetStatePage);
            })
            .WithName("listBudgetStates")
            .WithSummary("What each budget has spent and has left.")
            .WithDescription($"`limit` is 1 to {ResourceEndpoints.MostItems}, default {ResourceEndpoints.DefaultLimit}; `after` is the `next` of the page before.")
            .Produces<BudgetStatePage>().Refuses(400)
            .Access(EntryKinds.Budget, AccessAction.List).FiltersByReach();

        budgets.MapGet("/{id}/state", async (HttpContext context, BudgetStates states, string id) =>
                await states.FindAsync(id, context.RequestAborted).ConfigureAwait(false) is { } state
                    ? Results.Json(state, BudgetJson.Default.BudgetState)
                    : Problem.NotFound(type.Kind, id).ToResult())
            .WithName("getBudgetState")
            .WithSummary("What a budget has spent and has left, by window.")
            .Produces<BudgetState>().Refuses(404)
            .Access(EntryKinds.Budget, AccessAction.Read);

        budgets.MapPost("/{id}/overrides", async (HttpContext context, ResourceService service, TimeProvider time, string id) =>
            {
                var (body, refused) = await RequestBody.ReadAsync(context).ConfigureAwait(false);
                if (refused is not null)
                {
                    return refused.ToResult();
                }

                var (answer, problem) = await service.ChangeAsync(
                    type, id, EntityTag.From(context.Request),
                    (current, _, errors, _) => WithOverride(current, BudgetForm.Override(new ObjectReader(body, "", errors)), errors, time.GetUtcNow()),
                    context.RequestAborted).ConfigureAwait(false);
                return problem?.ToResult() ?? ResourceEndpoints.One(context, answer!);
            })
            .WithName("addBudgetOverride")
            .WithSummary("Grants an amount on top of every window of a budget, until a moment.")
            .Accepts<BudgetOverride>("application/json")
            .Produces<Resource<BudgetEntry>>().Refuses(400, 404, 412, 413, 415)
            .Access(EntryKinds.Budget, AccessAction.Change);

        budgets.MapDelete("/{id}/overrides/{oid}", async (HttpContext context, ResourceService service, string id, string oid) =>
            {
                var found = false;
                var (answer, problem) = await service.ChangeAsync(
                    type, id, EntityTag.From(context.Request),
                    (current, _, errors, _) =>
                    {
                        found = current.Overrides.Any(o => o.Id == oid);
                        if (!found)
                        {
                            errors.Add("overrides", "has no such entry.");
                        }

                        return current with { Overrides = [.. current.Overrides.Where(o => o.Id != oid)] };
                    },
                    context.RequestAborted).ConfigureAwait(false);
                return problem is { Status: 400 } && !found ? Problem.NotFound("override", oid).ToResult() : problem?.ToResult() ?? ResourceEndpoints.One(context, answer!);
            })
            .WithName("deleteBudgetOverride")
            .WithSummary("Takes back an override. What it let through stays spent.")
            .Produces<Resource<BudgetEntry>>().Refuses(404, 412)
            .Access(EntryKinds.Budget, AccessAction.Change);

        budgets.MapPost("/{id}/adjustments", AdjustAsync)
            .WithName("adjustBudget")
            .WithSummary("Charges an amount to a budget outside any request, or gives it back. Kept for ever.")
            .Accepts<BudgetAdjustmentRequest>("application/json")
            .Produces<BudgetAdjustment>(201).Refuses(400, 404, 413, 415)
            .Access(EntryKinds.Budget, AccessAction.Run);

        budgets.MapGet("/{id}/adjustments", async (HttpContext context, BudgetAdjustments adjustments, string id, int? limit, string? after) =>
            {
                if (Paging.Wrong(limit) is { } wrong)
                {
                    return wrong.ToResult();
                }

                var (items, next) = await adjustments.ListAsync(id, limit ?? ResourceEndpoints.DefaultLimit, after, context.RequestAborted).ConfigureAwait(false);
                return Results.Json(new BudgetAdjustmentPage { Items = items, Next = next }, BudgetJson.Default.BudgetAdjustmentPage);
            })
            .WithName("listBudgetAdjustments")
            .WithSummary("Amounts charged or given back outside any request, newest first; also of budgets that are gone.")
            .WithDescription($"`limit` is 1 to {ResourceEndpoints.MostItems}, default {ResourceEndpoints.DefaultLimit}; `after` is the `next` of the page before.")
            .Produces<BudgetAdjustmentPage>().Refuses(400)
            .Access(EntryKinds.Budget, AccessAction.Read);
    }

    private static Func<BudgetEntry, bool> Seen(Actor actor, ConfigState state)
    {
        var reach = PermissionTable.Of(actor.Role, EntryKinds.Budget, AccessAction.List);
        return budget => Places.Covers(reach, actor, budget, state);
    }

    private static BudgetEntry WithOverride(BudgetEntry current, BudgetOverride added, FieldErrors errors, DateTimeOffset now)
    {
        if (!errors.Any && added.ExpiresAt <= now)
        {
            errors.Add("expiresAt", "must be in the future.");
        }

        if (current.Overrides.Any(o => o.Id == added.Id))
        {
            errors.Add("id", $"'{added.Id}' is there already.");
        }

        var changed = current with { Overrides = [.. current.Overrides.Where(o => o.ExpiresAt > now - _keptAfterExpiry), added] };
        foreach (var (field, message) in errors.Any ? [] : BudgetCheck.Problems(changed))
        {
            errors.Add(field, message);
        }

        return changed;
    }

    private static async Task<IResult> AdjustAsync(HttpContext context, BudgetAdjustments adjustments, ConfigStore store, TimeProvider time, string id)
    {
        var (body, refused) = await RequestBody.ReadAsync(context).ConfigureAwait(false);
        if (refused is not null)
        {
            return refused.ToResult();
        }

        var errors = new FieldErrors();
        var reader = new ObjectReader(body, "", errors);
        var request = new BudgetAdjustmentRequest
        {
            NanoUsd = reader.Integer("nanoUsd", -BudgetAmounts.Most, BudgetAmounts.Most, required: true) ?? 1,
            Reason = reader.Text("reason", required: true, ReasonLength) ?? "",
            At = reader.Instant("at"),
        };
        reader.Close();
        if (request.NanoUsd == 0)
        {
            errors.Add("nanoUsd", "must not be 0.");
        }

        if (request.At is { } at && (at > time.GetUtcNow() || at < DateTimeOffset.UnixEpoch))
        {
            errors.Add("at", "must be between 1970 and now.");
        }

        if (errors.Any)
        {
            return Problem.Invalid(errors.All).ToResult();
        }

        if (!(await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false)).Budgets.ContainsKey(id))
        {
            return Problem.NotFound(EntryKinds.Budget, id).ToResult();
        }

        var made = await adjustments.AddAsync(id, request, context.RequestAborted).ConfigureAwait(false);
        AuditTrail.Mark(context);
        return Results.Json(made, BudgetJson.Default.BudgetAdjustment, statusCode: 201);
    }
}
