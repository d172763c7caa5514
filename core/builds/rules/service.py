"""Reads and changes the rules of a workspace for its builds."""

from core.builds.rules.schemas import BuildRules
from core.builds.rules.stored import store_rules, stored_rules
from core.database.audit_trail import Deed, Subject, differences
from core.database.database import Database
from core.security.actors import Actor
from core.security.operations import Operation
from core.security.permissions import Gate, permitted

TOPIC = "build_rules"


class BuildRulesService:
    """The rules for builds; every window shows the same, since the workspace keeps them."""

    def __init__(self, database: Database, gate: Gate) -> None:
        self.gate = gate
        self._database = database

    @permitted(Operation.BUILD_RULES_READ)
    async def read(self, actor: Actor) -> BuildRules:
        """Return the rules in force."""
        async with self._database.read() as session:
            return await stored_rules(session)

    @permitted(Operation.BUILD_RULES_CHANGE)
    async def change(self, actor: Actor, *, rules: BuildRules) -> BuildRules:
        """Put rules in force, for the next build that starts and the next removal."""
        async with self._database.unit_of_work() as unit:
            before = await stored_rules(unit.session)
            await store_rules(unit.session, rules)
            unit.changed(TOPIC, "builds")
            unit.record(
                Deed(
                    actor,
                    Operation.BUILD_RULES_CHANGE.key,
                    Subject("rules", "", ""),
                    differences(before.model_dump(), rules.model_dump()),
                )
            )
            await unit.commit()
        return rules
