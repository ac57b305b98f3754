"""GET /users, POST /adduser and /edituser as contract 2 has them."""

import itertools

import pytest
from tests.support.hub import Client, TestHub, a_user

STATUSES = {
    "inactive": (0, 0),
    "not invited": (0, 1),
    "pending": (1, 1),
    "pending invited": (2, 1),
    "active": (3, 1),
}


def pair(user: dict) -> tuple[int, int]:
    return user["user_invite_status"], user["user_is_active"]


class TestAddingAUser:
    def test_without_a_token_it_is_refused(self, hub: TestHub) -> None:
        assert hub.anonymous().post("/adduser", a_user()).status == 401

    def test_without_the_right_it_is_refused_in_the_words_that_clients_know(
        self, hub: TestHub
    ) -> None:
        answer = hub.someone((8, 0)).post("/adduser", a_user())
        assert (answer.status, answer.message) == (
            403,
            "This user is not permitted to perform this action based on their role.",
        )

    def test_the_right_on_one_category_alone_is_not_enough(self, hub: TestHub) -> None:
        assert hub.someone((2, 3)).post("/adduser", a_user()).status == 403

    def test_the_stored_user_comes_back_with_the_defaults(self, owner: Client) -> None:
        answer = owner.post("/adduser", a_user(user_email="Jane.Doe@example.com"))
        assert (answer.status, answer.message, answer.json["statusCode"]) == (
            201,
            "Resource Updated",
            201,
        )
        assert answer.data == {
            "user_id": answer.data["user_id"],
            "user_email": "Jane.Doe@example.com",
            "user_first_name": "Ada",
            "user_last_name": "Byron",
            "user_job_title": None,
            "user_business_unit": None,
            "user_department": None,
            "user_location": None,
            "user_is_active": 1,
            "user_invite_status": 0,
            "user_roles": [{"role_id": 8, "category_id": 0}],
        }

    def test_the_guides_own_example_works_on_a_new_installation(self, tenant: Client) -> None:
        answer = tenant.post("/adduser", a_user(user_roles=[{"role_id": 5, "category_id": 3}]))
        assert answer.status == 201 and answer.data["user_roles"] == [
            {"role_id": 5, "category_id": 3}
        ]

    def test_an_address_that_differs_only_in_case_is_taken(self, owner: Client) -> None:
        owner.post("/adduser", a_user(user_email="jane@example.com"))
        answer = owner.post("/adduser", a_user(user_email="JANE@Example.com"))
        assert (
            answer.status == 409
            and "jane@example.com" in answer.message
            and "user_email" in answer.details
        )

    def test_every_fault_is_named_at_once(self, owner: Client) -> None:
        body = {
            "user_email": "x" * 70,
            "user_first_name": "",
            "user_job_title": "t" * 51,
            "user_is_active": 2,
            "user_invite_status": "4",
            "user_location": 7,
            "user_roles": [{"role_id": True, "category_id": -1}],
        }
        answer = owner.post("/adduser", body)
        assert answer.status == 400
        assert set(answer.details) == {
            "user_email",
            "user_first_name",
            "user_last_name",
            "user_job_title",
            "user_is_active",
            "user_invite_status",
            "user_location",
            "user_roles.0.role_id",
            "user_roles.0.category_id",
        }

    def test_unknown_roles_and_categories_are_named_together_with_the_other_faults(
        self, owner: Client
    ) -> None:
        answer = owner.post(
            "/adduser",
            a_user(
                user_email="nobody",
                user_roles=[{"role_id": 99, "category_id": 0}, {"role_id": 6, "category_id": 999}],
            ),
        )
        assert answer.status == 400
        assert set(answer.details) == {
            "user_email",
            "user_roles.0.role_id",
            "user_roles.1.category_id",
        }

    def test_faults_of_form_and_of_meaning_are_told_together(self, owner: Client) -> None:
        body = {
            "user_email": "bad",
            "user_first_name": "",
            "user_invite_status": 3,
            "user_roles": [{"role_id": "x", "category_id": 0}, {"role_id": 99, "category_id": 0}],
        }
        expected = {
            "user_email",
            "user_first_name",
            "user_last_name",
            "user_invite_status",
            "user_roles.0.role_id",
            "user_roles.1.role_id",
        }
        assert set(owner.post("/adduser", body).details) == expected
        assert set(owner.post("/users/bulk", [body]).data["results"][0]["errors"]) == expected
        edit = {
            "user_email": "owner@example.com",
            "user_job_title": 5,
            "user_roles": [{"role_id": 5, "category_id": 999}],
        }
        assert set(owner.post("/edituser", edit).details) == {
            "user_job_title",
            "user_roles.0.category_id",
        }

    @pytest.mark.parametrize(
        "email",
        [
            "a",
            "a@b",
            "a b@example.com",
            "@example.com",
            "a@",
            "a..b@example.com",
            ".a@example.com",
            "a@-x.com",
            "a@x..com",
            "a@@x.com",
        ],
    )
    def test_a_malformed_address_is_refused(self, sqlite_hub: TestHub, email: str) -> None:
        assert (
            "user_email"
            in sqlite_hub.token(None).post("/adduser", a_user(user_email=email)).details
        )

    @pytest.mark.parametrize(
        "email", ["o'neil+x@sub.example.com", "jörg@bücher.example", "a-b_c@x-y.org"]
    )
    def test_a_believable_address_is_taken(self, hub: TestHub, email: str) -> None:
        assert (
            hub.token(None).post("/adduser", a_user(user_email=email)).data["user_email"] == email
        )

    def test_active_from_the_start_is_refused_with_the_reason(self, owner: Client) -> None:
        answer = owner.post("/adduser", a_user(user_invite_status=3))
        assert (
            answer.status == 400
            and "nobody is Active before registering" in answer.details["user_invite_status"][0]
        )

    @pytest.mark.parametrize("sent", ["inactive", "not invited", "pending", "pending invited"])
    def test_every_other_status_is_stored_and_read_back(self, owner: Client, sent: str) -> None:
        invite, active = STATUSES[sent]
        user = owner.post("/adduser", a_user(user_invite_status=invite, user_is_active=active)).data
        assert pair(user) == (invite, active) == pair(owner.user(user["user_email"]))

    def test_inactive_wins_over_the_invite_status(self, owner: Client) -> None:
        assert pair(
            owner.post("/adduser", a_user(user_invite_status=1, user_is_active=0)).data
        ) == (0, 0)

    def test_numbers_may_be_digit_strings_but_not_true(self, owner: Client) -> None:
        assert pair(
            owner.post("/adduser", a_user(user_invite_status="1", user_is_active="1")).data
        ) == (1, 1)
        assert owner.post("/adduser", a_user(user_is_active=True)).status == 400

    def test_blanks_around_texts_are_dropped_and_unknown_keys_passed_over(
        self, owner: Client
    ) -> None:
        user = owner.post(
            "/adduser", a_user(user_first_name="  Ada ", user_department="  ", nonsense=1)
        ).data
        assert (user["user_first_name"], user["user_department"]) == ("Ada", None)


class TestEditingAUser:
    def test_absent_keys_stay_and_null_clears_an_optional_text(self, owner: Client) -> None:
        user = owner.post("/adduser", a_user(user_job_title="Clerk", user_department="Sales")).data
        changed = owner.post(
            "/edituser", {"user_email": user["user_email"].upper(), "user_job_title": None}
        )
        assert (changed.status, changed.message) == (201, "Resource Updated")
        assert changed.data == user | {"user_job_title": None}

    def test_null_elsewhere_is_refused(self, owner: Client) -> None:
        user = owner.post("/adduser", a_user()).data
        answer = owner.post(
            "/edituser",
            {
                "user_email": user["user_email"],
                "user_first_name": None,
                "user_is_active": None,
                "user_roles": None,
            },
        )
        assert answer.status == 400 and set(answer.details) == {
            "user_first_name",
            "user_is_active",
            "user_roles",
        }

    def test_roles_replace_the_whole_list_and_none_is_refused(self, owner: Client) -> None:
        user = owner.post("/adduser", a_user()).data
        roles = [
            {"role_id": 11, "category_id": 0},
            {"role_id": 5, "category_id": 3},
            {"role_id": 5, "category_id": 3},
        ]
        changed = owner.post(
            "/edituser", {"user_email": user["user_email"], "user_roles": roles}
        ).data
        assert changed["user_roles"] == [
            {"role_id": 5, "category_id": 3},
            {"role_id": 11, "category_id": 0},
        ]
        assert (
            owner.post("/edituser", {"user_email": user["user_email"], "user_roles": []}).status
            == 400
        )
        assert owner.user(user["user_email"])["user_roles"] == changed["user_roles"]

    def test_an_unknown_address_is_not_found(self, owner: Client) -> None:
        assert owner.post("/edituser", {"user_email": "nobody@example.com"}).status == 404

    def test_what_was_read_can_be_written_back(self, owner: Client) -> None:
        owner.post("/adduser", a_user(user_invite_status=1))
        for user in owner.users():
            assert owner.post("/edituser", user).data == user

    def test_managing_users_alone_may_add_but_not_edit(self, hub: TestHub, owner: Client) -> None:
        role = owner.post("/roles", {"role_name": "Helper", "permissions": ["Manage Users"]}).data[
            "role_id"
        ]
        helper = hub.someone((role, 0))
        user = helper.post("/adduser", a_user())
        assert user.status == 201
        assert (
            helper.post(
                "/edituser", {"user_email": user.data["user_email"], "user_location": "Rome"}
            ).status
            == 403
        )
        assert (
            helper.post("/adduser", a_user(user_roles=[{"role_id": 3, "category_id": 0}])).status
            == 403
        )


def expected_after_edit(
    stored: str, registered: bool, invite: int | None, active: int | None
) -> tuple[int, int]:
    """Contract 2.2's edit rules, spelt out a second time for the test."""
    if active == 0:
        return 0, 0
    if stored == "inactive":
        if active is None:
            return 0, 0
        if registered:
            return 3, 1
        return {0: (0, 1), None: (1, 1), 1: (1, 1), 2: (2, 1), 3: (3, 1)}[invite]
    if stored == "active":
        return 3, 1
    return (STATUSES[stored][0] if invite is None else invite), 1


class TestTheStatusTable:
    def test_every_edit_of_every_status_follows_the_rules(
        self, hub: TestHub, owner: Client
    ) -> None:
        cases = list(itertools.product(STATUSES, (False, True), (None, 0, 1, 2, 3), (None, 0, 1)))
        for stored, registered, invite, active in cases:
            if registered and stored not in ("active", "inactive"):
                continue
            email = f"{stored.replace(' ', '')}.{registered}.{invite}.{active}@example.com"
            hub.person(email=email, invite_status=STATUSES[stored][0], registered=registered)
            if stored == "inactive":
                owner.post("/edituser", {"user_email": email, "user_is_active": 0})
            body = {"user_email": email} | {
                k: v
                for k, v in (("user_invite_status", invite), ("user_is_active", active))
                if v is not None
            }
            answer = owner.post("/edituser", body)
            assert pair(answer.data) == expected_after_edit(stored, registered, invite, active), (
                stored,
                registered,
                invite,
                active,
            )


class TestListingUsers:
    def test_pages_are_counted_and_an_empty_list_has_one_page(self, owner: Client) -> None:
        for _ in range(4):
            owner.post("/adduser", a_user())
        answer = owner.get("/users?limit=2&page=2").data
        assert {k: answer[k] for k in ("page", "pageSize", "totalItems", "totalPages")} == {
            "page": 2,
            "pageSize": 2,
            "totalItems": 5,
            "totalPages": 3,
        }
        assert owner.get("/users?s=zzzz").data == {
            "page": 1,
            "pageSize": 20,
            "totalItems": 0,
            "totalPages": 1,
            "users": [],
        }
        assert owner.get("/users?page=0&limit=2").data["page"] == 1
        assert owner.get("/users?limit=2&offset=3&page=1").data["page"] == 2
        assert owner.get("/users?page=99").data["users"] == []

    @pytest.mark.parametrize(
        "query",
        [
            "limit=0",
            "limit=-1",
            "limit=x",
            "offset=-1",
            "page=-1",
            "sort=nonsense",
            "user_is_active=2",
            "user_invite_status=x",
            "inviteStatus=maybe",
            "limit=",
            "limit=9999999999999999999",
        ],
    )
    def test_a_bad_value_of_a_known_parameter_is_refused(
        self, sqlite_hub: TestHub, query: str
    ) -> None:
        answer = sqlite_hub.token(None).get(f"/users?{query}")
        assert answer.status == 400 and query.split("=")[0] in answer.details

    def test_unknown_parameters_are_passed_over(self, tenant: Client) -> None:
        assert tenant.get("/users?perpage=5&whatever=1").status == 200

    def test_everything_comes_in_one_answer(self, owner: Client) -> None:
        rows = [a_user() for _ in range(150)]
        owner.post("/users/bulk", rows)
        assert len(owner.get("/users?limit=30000&offset=0").data["users"]) == 151

    def test_a_page_walk_equals_the_full_list(self, owner: Client) -> None:
        owner.post("/users/bulk", [a_user(user_department=f"D{i % 3}") for i in range(23)])
        for sort in ("", "&sort=user_department", "&sort=user_last_name&sortOrder=desc"):
            full = owner.get(f"/users?limit=1000{sort}").data["users"]
            walked, page = [], 1
            while True:
                data = owner.get(f"/users?limit=5&page={page}{sort}").data
                walked += data["users"]
                if page == data["totalPages"]:
                    break
                page += 1
            assert walked == full

    def test_a_page_walk_under_inserts_shows_everyone_who_was_there(self, owner: Client) -> None:
        owner.post("/users/bulk", [a_user() for _ in range(30)])
        there = {u["user_id"] for u in owner.users()}
        seen, offset = set(), 0
        while users := owner.get(f"/users?limit=7&offset={offset}").data["users"]:
            seen |= {u["user_id"] for u in users}
            offset += 7
            if offset < 60:
                owner.post("/adduser", a_user())
        assert there <= seen

    def test_search_folds_case_and_accents_and_finds_parts_ids_and_all_words(
        self, hub: TestHub, owner: Client
    ) -> None:
        łucja = owner.post(
            "/adduser",
            a_user(
                user_first_name="Łucja",
                user_last_name="Žižková",
                user_job_title="Straße",
                user_department="R&D 100%",
            ),
        ).data
        owner.post("/adduser", a_user(user_first_name="Lucy", user_last_name="Zizek"))
        for indexed in (False, True):
            for query in (
                "łucja",
                "LUCJA",
                "zizkova",
                "izkov",
                "STRASSE",
                "lucja zizkova",
                "zizkova lucja",
                "100%25",
                "R%26D",
                str(łucja["user_id"]),
                "žižková",
                "lucja zi",
            ):
                assert łucja["user_id"] in [u["user_id"] for u in owner.users(f"s={query}")], (
                    indexed,
                    query,
                )
            assert [u["user_id"] for u in owner.users("search=lucja")] == [łucja["user_id"]]
            assert {u["user_last_name"] for u in owner.users("s=zi")} == {"Žižková", "Zizek"}
            assert (
                owner.users("s=zk") == []
                and owner.users("s=lucja nobody") == []
                and owner.users("s=100_") == []
            )
            hub.worker.round()

    def test_many_new_accounts_are_indexed_by_one_round_of_the_worker(
        self, hub: TestHub, owner: Client
    ) -> None:
        owner.post("/users/bulk", [a_user(user_last_name=f"Quixote{i}") for i in range(6000)])
        assert owner.get("/users?s=quixote").data["totalItems"] == 6000
        hub.worker.round()
        assert owner.get("/users?s=quixote").data["totalItems"] == 6000
        assert (
            "autohub_search_pending 0.0\n" in hub.request("GET", "/metrics", None, {}).raw.decode()
        )

    def test_a_changed_name_is_found_at_once_and_the_old_one_no_more(
        self, hub: TestHub, owner: Client
    ) -> None:
        user = owner.post("/adduser", a_user(user_last_name="Quixote")).data
        hub.worker.round()
        assert len(owner.users("s=quixote")) == 1
        owner.post("/edituser", {"user_email": user["user_email"], "user_last_name": "Panza"})
        assert owner.users("s=quixote") == [] and len(owner.users("s=panza")) == 1
        hub.worker.round()
        assert owner.users("s=quixote") == [] and len(owner.users("s=panza")) == 1

    def test_filters_by_field_status_and_role(self, owner: Client) -> None:
        a = owner.post("/adduser", a_user(user_department="Sales, West", user_invite_status=1)).data
        b = owner.post(
            "/adduser",
            a_user(
                user_department="sales, west",
                user_invite_status=2,
                user_roles=[{"role_id": 6, "category_id": 1}],
            ),
        ).data
        c = owner.post("/adduser", a_user(user_is_active=0)).data
        ids = lambda query: [u["user_id"] for u in owner.users(query)]  # noqa: E731
        assert ids("user_department=SALES, WEST") == [a["user_id"], b["user_id"]]
        assert ids(f"user_email={a['user_email'].upper()}") == [a["user_id"]]
        assert ids("inviteStatus=pending") == ids("invite=pending") == [a["user_id"], b["user_id"]]
        assert ids("inviteStatus=inactive") == ids("user_is_active=0") == [c["user_id"]]
        assert ids("inviteStatus=active") == [1]
        assert ids("inviteStatus=all") == ids("") and len(ids("")) == 4
        assert ids("user_invite_status=1,2&user_is_active=1") == [a["user_id"], b["user_id"]]
        assert ids("user_roles=6") == [b["user_id"]]

    def test_sorting_folds_puts_empty_values_last_and_breaks_ties_by_id(
        self, both: tuple[TestHub, TestHub]
    ) -> None:
        orders = []
        for hub in both:
            owner = hub.someone((1, 0), email="owner@example.com")
            for name in ("émile", "Zoe", "Élan", "emil", "łukasz", "zoe", "中", "Ñu"):
                owner.post(
                    "/adduser",
                    a_user(
                        user_email=f"u{len(owner.users())}@example.com",
                        user_first_name=name,
                        user_department=name if name[0] in "éZE" else None,
                    ),
                )
            orders.append(
                [
                    [u["user_id"] for u in owner.users(q)]
                    for q in (
                        "sort=user_first_name",
                        "sort=user_department",
                        "sort=user_department&sortOrder=desc",
                        "sort=user_email",
                    )
                ]
            )
        assert orders[0] == orders[1]
        names = {u["user_id"]: u["user_first_name"] for u in owner.users()}
        departments = {u["user_id"]: u["user_department"] for u in owner.users()}
        for order in orders[0][1:3]:
            values = [departments[i] for i in order]
            assert None in values and all(value is None for value in values[values.index(None) :])
        assert [names[i] for i in orders[0][0]][:5] == ["Ada", "Élan", "emil", "émile", "łukasz"]
